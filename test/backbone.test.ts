/** A network trained elsewhere as the first part of G_f: exports of PyTorch (`golden/onnx`) and of our own. */
import { readFileSync } from "node:fs";
import { type AdaptEvent, type AdaptOptions, adapt, type Dataset, importOnnx } from "dann";
import { describe, expect, test } from "vitest";
import { random } from "../src/random.ts";

const resnet = "test/golden/onnx/resnet.onnx";

/** Bright bars, upright or lying; the target is darker and has noise. */
function bars(rows: number, dark: boolean, seed: number): Dataset {
  const chance = random(seed).split(dark ? "target" : "source");
  const side = 32;
  const channels = 3;
  const pixels = new Uint8Array(rows * side * side * channels);
  const labels = Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? "upright" : "lying"));
  for (let row = 0; row < rows; row++) {
    const at = 4 + Math.floor(20 * chance.uniform());
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++)
        for (let c = 0; c < channels; c++) {
          const along = labels[row] === "upright" ? x : y;
          const lit = along >= at && along < at + 5 ? 200 : 40;
          pixels[((row * side + y) * side + x) * channels + c] = dark ? 0.4 * lit + 60 * chance.uniform() : lit;
        }
  }
  return { origin: "bars", rows: { kind: "image", rows, height: side, width: side, channels, pixels }, labels };
}

const data = { source: bars(48, false, 100), target: bars(40, true, 100) };
const quick: AdaptOptions = {
  ...data,
  train: { steps: 30, batch: { source: 16, target: 16 }, seed: 100 },
  evaluate: { targetTrained: false },
  thread: "same",
};

test("frozen: features once, head behind them, and the saved model takes images", async () => {
  const run = await adapt({ ...quick, backbone: { model: resnet } });
  const events: AdaptEvent[] = [];
  for await (const event of run.events()) events.push(event);
  const { network, task, models, chosen, verification } = await run.done;
  expect(events[0]).toMatchObject({ type: "features", total: 48 - 5 + 5 + 40 });
  expect(network.description).toMatch(/^G_f: image -> \/Flatten_output_0 \(frozen\), 16 features, fc/);
  expect(network.why).toContain("the last pooled or flattened tensor before the classifier");
  expect(task.inputShape).toEqual([3, 32, 32]);
  expect(verification.difference).toBeLessThan(1e-4);
  const { labels } = await run.predict(data.target.rows);
  const right = labels.filter((label, row) => label === data.target.labels?.[row]).length / 40;
  expect(right).toBe(models[chosen]?.metrics.target?.accuracy);
});

describe("trained with the rest", () => {
  test.each(["all", 1] as const)("%s", async (train) => {
    const run = await adapt({ ...quick, backbone: { model: resnet, train } });
    const { network, verification, models } = await run.done;
    expect(network.description).toContain("weights trained");
    expect(verification.difference).toBeLessThan(1e-4);
    expect(models.map(({ name }) => name)).toContain("adabn");
  });

  test("a rate of 0 leaves the file's weights as they are, the default moves them", async () => {
    const weights = async (backboneRate: number): Promise<Map<string, Float32Array>> => {
      const run = await adapt({
        ...quick,
        train: { ...quick.train, steps: 3, partRates: { backbone: backboneRate } },
        network: { options: { batchNorm: "none" } },
        backbone: { model: resnet, train: "all" },
      });
      const exported = await importOnnx(await run.model());
      return new Map([...exported.parameters].map(([name, { data }]) => [name, data as Float32Array]));
    };
    const kernel = (await importOnnx(new Uint8Array(readFileSync(resnet)))).parameters.get("stem.0.0.weight")
      ?.data as Float32Array;
    const holds = (all: Map<string, Float32Array>): boolean =>
      [...all.values()].some((data) => data.length === kernel.length && data.every((value, i) => value === kernel[i]));
    expect(holds(await weights(0))).toBe(true);
    expect(holds(await weights(0.1))).toBe(false);
  });
});

test("the reverse gate: a model of ours is a backbone, and is trained on", async () => {
  const first = await adapt({ ...quick, network: { name: "compact", options: { filters: [4, 8] } } });
  const model = await first.model();
  const run = await adapt({ ...quick, backbone: { model, train: "all" } });
  const { network, verification } = await run.done;
  expect(network.why).toContain("the backbone");
  expect(verification.difference).toBeLessThan(1e-4);
});

describe("augmentation", () => {
  const augment = { flip: {}, crop: { padding: 0.1 }, colour: {} };
  const augmented = { ...quick, train: { ...quick.train, steps: 12, augment } };

  test("is refused where features are kept", async () => {
    await expect(adapt({ ...augmented, backbone: { model: resnet } })).rejects.toMatchObject({
      code: "augment-frozen",
      message: expect.stringContaining("the backbone is frozen"),
      remedy: expect.stringContaining("--no-cache"),
    });
  });

  test("a frozen backbone runs at every step: one pass for the moments, and images from the file to the model", async () => {
    const model = async (options: Partial<AdaptOptions>): Promise<Uint8Array> => {
      const run = await adapt({ ...augmented, backbone: { model: resnet }, cache: false, ...options });
      const events: AdaptEvent[] = [];
      for await (const event of run.events()) events.push(event);
      expect((await run.done).verification.difference).toBeLessThan(1e-4);
      const features = events.filter(({ type }) => type === "features");
      // Where nothing is kept, the training rows of the source alone: 4 of 48 are held out.
      expect(features.at(-1)).toMatchObject(options.train === undefined ? { total: 44 } : { total: 48 + 40 });
      return run.model();
    };
    const first = await model({});
    expect(Buffer.from(await model({})).equals(first)).toBe(true);
    expect(Buffer.from(await model({ train: { ...quick.train, steps: 12 } })).equals(first)).toBe(false);
  });

  test("without a change, what runs at every step is what was kept", async () => {
    const still = { flip: { probability: 0 } };
    const kept = await adapt({ ...quick, backbone: { model: resnet } });
    const fresh = await adapt({
      ...quick,
      train: { ...quick.train, augment: still },
      backbone: { model: resnet },
      cache: false,
    });
    const [a, b] = [await kept.done, await fresh.done];
    // The engine may sum in another order for another batch; the trained heads are the same but for that.
    expect(b.models.map(({ name, metrics }) => [name, metrics.source])).toEqual(
      a.models.map(({ name, metrics }) => [name, metrics.source]),
    );
    const [before, after] = [await kept.predict(data.target.rows), await fresh.predict(data.target.rows)];
    before.probabilities.forEach((value, i) => {
      expect(after.probabilities[i]).toBeCloseTo(value, 2);
    });
  });

  test("reaches a backbone that is trained", async () => {
    const run = await adapt({ ...augmented, backbone: { model: resnet, train: 1 } });
    const plain = await adapt({
      ...quick,
      train: { ...quick.train, steps: 12 },
      backbone: { model: resnet, train: 1 },
    });
    expect(Buffer.from(await run.model()).equals(await plain.model())).toBe(false);
  });

  test("is refused for rows that are no images", async () => {
    const rows = { kind: "dense", rows: 20, width: 2, values: new Float32Array(40).map((_, i) => i) } as const;
    const labels = Array.from({ length: 20 }, (_, row) => String(row % 2));
    const points = { origin: "points", rows, labels };
    await expect(adapt({ ...augmented, source: points, target: points })).rejects.toThrow(
      "expected images, got rows of kind features",
    );
  });
});

describe("what the backbone gets", () => {
  test("colour images are normalised as imagenet, and it says so; grey ones are repeated", async () => {
    const grey = (dataset: Dataset): Dataset => {
      if (dataset.rows.kind !== "image") return dataset;
      const { rows, height, width, pixels } = dataset.rows;
      return {
        ...dataset,
        rows: { kind: "image", rows, height, width, channels: 1, pixels: pixels.filter((_, at) => at % 3 === 0) },
      };
    };
    const short = { ...quick, train: { ...quick.train, steps: 2 }, backbone: { model: resnet } };
    const run = await adapt({ ...short, source: grey(data.source), target: grey(data.target) });
    const { network, task } = await run.done;
    expect(network.why).toContain("images of 32x32: pixels/255, less 0.485 0.456 0.406, divided by 0.229 0.224 0.225");
    expect(task.inputShape).toEqual([3, 32, 32]);
    // Raw grey rows go into the model, which was trained on them repeated.
    expect((await run.predict(grey(data.target).rows)).labels).toHaveLength(40);
    const asked = await adapt({ ...short, preprocess: { images: { normalise: "none" } } });
    expect((await asked.done).network.why).toMatch(/images of 32x32: pixels\/255$/);
  });
});

test("what cannot be is refused", async () => {
  const failing = async (options: Partial<AdaptOptions>): Promise<unknown> => {
    const run = await adapt({ ...quick, ...options });
    return run.done;
  };
  await expect(failing({ backbone: { model: resnet, features: "nothing" } })).rejects.toThrow(
    'no tensor is named "nothing"',
  );
  const vit = "test/golden/onnx/vit.onnx";
  await expect(failing({ backbone: { model: vit }, preprocess: { imageSize: "16x16" } })).rejects.toThrow("vit.onnx: ");
  await expect(failing({ backbone: { model: "no-such.onnx" } })).rejects.toThrow("no-such.onnx: cannot be read");
  await expect(failing({ backbone: { model: resnet, train: 99 } })).rejects.toThrow("the last 1 to");
});
