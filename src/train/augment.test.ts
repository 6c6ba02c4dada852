/** Augmentation as training sees it: which feeds of which steps are changed, and what is not. */
import { describe, expect, it } from "vitest";
import { openBackend } from "#runtime";
import { tinyJob, type WholeJob } from "../../test/support/tiny-job.ts";
import { domainClassifier } from "../dann/domain-classifier.ts";
import { featureExtractor } from "../dann/feature-extractor.ts";
import { labelPredictor } from "../dann/label-predictor.ts";
import type { AugmentInput } from "../data/augment.ts";
import type { ImageRows } from "../data/dataset.ts";
import { fitPreprocess } from "../data/preprocess.ts";
import type { Network } from "../methods/method.ts";
import { activation } from "../nn/activations.ts";
import { linear } from "../nn/linear.ts";
import { flatten } from "../nn/pooling.ts";
import { random } from "../random.ts";
import type { Backend, Executable, Feeds } from "../runtime/backend.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { type TrainConfigInput, trainConfig } from "./config.ts";
import { fit as startFit, trained } from "./fit.ts";
import type { TrainJob } from "./job.ts";

const side = 4;
/** Distinct images; with `alike` one and the same, so that a batch shows what was done to it. */
function images(rows: number, seed: number, alike: boolean): ImageRows {
  const size = side * side;
  const chance = random(seed);
  const one = Uint8Array.from({ length: size }, () => chance.integer(256));
  const pixels = Uint8Array.from({ length: rows * size }, (_, i) =>
    alike ? (one[i % size] ?? 0) : chance.integer(256),
  );
  return { kind: "image", rows, height: side, width: side, channels: 1, pixels };
}

/** Layers that take the engine many steps a run, so that grouping is tested as well. */
const network: Network = {
  name: "flat",
  featureExtractor: featureExtractor([flatten(), linear(6), activation("relu")]),
  labelPredictor: labelPredictor(2),
  domainClassifier: domainClassifier({ hidden: [4] }),
};

interface Wanted {
  readonly augment?: AugmentInput;
  readonly alike?: boolean;
  readonly method?: "dann" | "source-only";
  readonly config?: Partial<TrainConfigInput>;
}

function imageJob({ augment, alike = false, method = "dann", config }: Wanted): WholeJob {
  const plain = tinyJob({ method: { name: method } });
  const [source, target] = [images(60, 1, alike), images(50, alike ? 1 : 2, alike)];
  const given = {
    ...{ steps: 24, batch: { source: 16, target: 12 }, optimizer: { name: "sgd" }, rate: { name: "paper" } },
    ...{ lambda: { name: "paper" }, logEvery: 6, checkpointEvery: 7, augment, ...config },
  } as TrainConfigInput;
  const preprocess = fitPreprocess(source, target);
  return { ...plain, network, source, target, preprocess, config: trainConfig.parse(given) };
}

/** Bytes of an input, a list for each step, as the engine got them. */
async function fed(job: TrainJob, input: string, resume?: Checkpoint): Promise<Uint8Array[]> {
  const batches: Uint8Array[] = [];
  const size = side * side * (input === "source/image" ? 16 : 12);
  const listening = (executable: Executable): Executable => ({
    ...executable,
    run(feeds: Feeds, into) {
      const data = feeds[input]?.data as Uint8Array | undefined;
      for (let at = 0; data !== undefined && at < data.length; at += size) batches.push(data.slice(at, at + size));
      return executable.run(feeds, into);
    },
  });
  const engine = await openBackend("auto");
  const backend: Backend = {
    ...engine,
    compile: async (...given) => listening(await engine.compile(...given)),
    compileSteps: async (...given) => listening(await engine.compileSteps(...given)),
  };
  await trained(startFit(job, { backend, ...(resume && { resume }) }));
  return batches;
}

/** Which images of the batches were mirrored, where all are one image. */
function mirrored(batches: readonly Uint8Array[]): boolean[] {
  const plain = [...images(1, 1, true).pixels];
  const other = plain.map((_, at) => plain[side * Math.floor(at / side) + side - 1 - (at % side)] ?? 0);
  return batches.flatMap((batch) =>
    Array.from({ length: batch.length / plain.length }, (_, row) => {
      const text = batch.slice(row * plain.length, (row + 1) * plain.length).join();
      expect([plain.join(), other.join()]).toContain(text);
      return text === other.join();
    }),
  );
}

const flip = { augment: { flip: {} } } satisfies Wanted;
const all = { augment: { flip: {}, crop: { padding: 0.25 }, colour: {} } } satisfies Wanted;

describe("augmentation", () => {
  it("reaches the batches of both domains, each by draws of its own", async () => {
    const source = mirrored(await fed(imageJob({ ...flip, alike: true }), "source/image"));
    const target = mirrored(await fed(imageJob({ ...flip, alike: true }), "target/image"));
    expect([source.length, target.length]).toEqual([24 * 16, 24 * 12]);
    const share = (flips: readonly boolean[]): number => flips.filter(Boolean).length / flips.length;
    // Four standard deviations.
    expect(Math.abs(share(source) - 0.5)).toBeLessThan(0.1);
    expect(Math.abs(share(target) - 0.5)).toBeLessThan(0.12);
    const both = target.map((flipped, i) => flipped === source[16 * Math.floor(i / 12) + (i % 12)]);
    expect(Math.abs(share(both) - 0.5)).toBeLessThan(0.12);
  });

  it("is the same for source-only and the method, and for a seed", async () => {
    const source = await fed(imageJob(all), "source/image");
    expect(await fed(imageJob({ ...all, method: "source-only" }), "source/image")).toEqual(source);
    expect(await fed(imageJob({ ...all, config: { seed: 1 } }), "source/image")).not.toEqual(source);
    expect(await fed(imageJob({}), "source/image")).not.toEqual(source);
  });

  it("gives a resumed run the same bits", async () => {
    const points: Checkpoint[] = [];
    const whole = await trained(
      startFit(imageJob(all), { onCheckpoint: async (point) => void points.push(structuredClone(point)) }),
    );
    const [, second] = points;
    expect(second?.step).toBe(14);
    if (second === undefined) return;
    const again = await trained(startFit(imageJob(all), { resume: second }));
    expect([...again.state]).toEqual([...whole.state]);
    const rest = await fed(imageJob(all), "target/image", second);
    expect(rest).toEqual((await fed(imageJob(all), "target/image")).slice(14));
  });

  it("changes what is learned", async () => {
    const plain = await trained(startFit(imageJob({})));
    expect([...(await trained(startFit(imageJob(all)))).state]).not.toEqual([...plain.state]);
  });

  it("leaves what is evaluated alone", async () => {
    const partRates = { featureExtractor: 0, labelPredictor: 0, domainClassifier: 0 };
    const predicted = async (wanted: Wanted): Promise<{ logits: number[][]; losses: number[] }> => {
      const job = imageJob({ ...wanted, config: { partRates } });
      const [logits, losses]: [number[][], number[]] = [[], []];
      const training = startFit(job, {
        onEpoch: async (snapshot) => {
          logits.push([...(await snapshot.predict(job.source, "source")).logits]);
          if (job.target) logits.push([...(await snapshot.predict(job.target, "target")).logits]);
          return { validators: {}, scores: {} };
        },
      });
      for await (const event of training) if (event.type === "step") losses.push(event.terms.labelLoss ?? Number.NaN);
      return { logits, losses };
    };
    const [plain, augmented] = [await predicted({}), await predicted(all)];
    // Nothing is trained, so whatever differs comes from the rows.
    expect(augmented.logits).toEqual(plain.logits);
    expect(augmented.losses).not.toEqual(plain.losses);
  });

  it("is refused for other rows", async () => {
    const job = tinyJob({ config: { augment: { crop: {} } } });
    await expect(trained(startFit(job))).rejects.toThrow("expected images, got rows of kind features");
  });
});
