/**
 * What the page trains and what Node trains, from this one module: moons and a few texts by `adapt`, and a batch of
 * digits by `fit` through the paper's MNIST network. Both on the WebAssembly engine, whose numbers must not depend on the place.
 */
import {
  adapt,
  encodeRows,
  fit,
  fitPreprocess,
  type ImageRows,
  moons,
  random,
  type TableRows,
  type TrainEvent,
  trainConfig,
} from "dann";

/** Plain numbers and texts: they cross from the page to Node as JSON. */
export interface Numbers {
  readonly moons: {
    readonly device: string;
    /** Source-only, DANN, as the result names them. */
    readonly models: readonly string[];
    /** The terms of the loss at each step, of every model in turn. */
    readonly losses: readonly number[];
    /** Probability of the first class for each row of the target. */
    readonly probabilities: readonly number[];
  };
  readonly digits: {
    readonly device: string;
    readonly losses: readonly number[];
    /** [rows, classes] of the target after the last step. */
    readonly logits: readonly number[];
  };
  /** Probability of the first class for each text of the target. */
  readonly texts: readonly number[];
  /** The same by an encoder of text with its tokenizer. */
  readonly encoded: readonly number[];
}

/** An encoder and its tokenizer, as a page fetches them. */
export interface Encoder {
  readonly model: Uint8Array;
  readonly tokenizer: Uint8Array;
}

export const trainBoth = async (encoder: Encoder): Promise<Numbers> => ({
  moons: await trainMoons(),
  digits: await trainDigits(),
  texts: await trainTexts(),
  encoded: await trainEncoded(encoder),
});

async function trainEncoded(backbone: Encoder): Promise<readonly number[]> {
  const texts = (...nouns: string[]): TableRows => ({
    kind: "table",
    rows: 40,
    columns: [
      {
        kind: "text",
        name: "said",
        values: Array.from(
          { length: 40 },
          (_, i) => `${i % 2 === 0 ? "Great" : "awful"} ${nouns[i % 4]}${"s".repeat(i % 3)}!`,
        ),
      },
    ],
  });
  const labels = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? "good" : "bad"));
  const target = texts("blade", "steel", "handle", "edge");
  const run = await adapt({
    source: { origin: "books", rows: texts("story", "hero", "ending", "page"), labels },
    target: { origin: "knives", rows: target },
    backbone,
    train: { steps: 20, batch: { source: 16, target: 16 }, device: "wasm" },
    thread: "same",
  });
  await run.done;
  return [...(await run.predict(target)).probabilities];
}

async function trainTexts(): Promise<readonly number[]> {
  const texts = (...nouns: string[]): TableRows => ({
    kind: "table",
    rows: 40,
    columns: [
      {
        kind: "text",
        name: "said",
        values: Array.from({ length: 40 }, (_, i) => `${i % 2 === 0 ? "Gut" : "übel"} ${nouns[i % nouns.length]} ${i}`),
      },
    ],
  });
  const labels = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? "good" : "bad"));
  const target = texts("ＭＥＳＳＥＲ", "нож", "刀");
  const run = await adapt({
    source: { origin: "books", rows: texts("Buch", "книга", "本"), labels },
    target: { origin: "knives", rows: target },
    preprocess: { text: { features: 256 } },
    train: { steps: 20, batch: { source: 16, target: 16 }, device: "wasm" },
    thread: "same",
  });
  await run.done;
  return [...(await run.predict(target)).probabilities];
}

async function trainMoons(): Promise<Numbers["moons"]> {
  const { source, target } = moons({ rows: 60, rotation: 35, noise: 0.05, seed: 0 });
  const { labels: _, ...unlabelled } = target;
  const run = await adapt({
    source,
    target: unlabelled,
    network: { name: "mlp", options: { hidden: [16, 16], activation: "tanh", batchNorm: "none", domainHidden: [16] } },
    train: { steps: 30, batch: { source: 16, target: 16 }, device: "wasm", logEvery: 1 },
    thread: "same",
  });
  const losses: number[] = [];
  for await (const event of run.events()) losses.push(...lossesOf(event));
  const { device, models } = await run.done;
  const { probabilities } = await run.predict(unlabelled.rows);
  return { device, models: models.map(({ name }) => name), losses, probabilities: [...probabilities] };
}

const digitRows = 16;

async function trainDigits(): Promise<Numbers["digits"]> {
  const source = strokes("source", 255);
  const target = strokes("target", 140);
  const preprocess = fitPreprocess(source, target);
  const encoded = encodeRows(target, preprocess);
  // biome-ignore lint/suspicious/noFocusedTests: this `fit` trains.
  const training = fit(
    {
      network: { name: "mnist", options: { batchNorm: "perDomain" } },
      method: { name: "dann", domainLoss: "sum", domainWeight: 1, domainLabelSmoothing: 0, labelSmoothing: 0 },
      classes: 10,
      preprocess,
      source: encodeRows(source, preprocess),
      labels: Int32Array.from({ length: digitRows }, (_, i) => i % 10),
      target: encoded,
      config: trainConfig.parse({
        steps: 3,
        batch: { source: digitRows, target: digitRows },
        optimizer: { name: "sgd", momentum: 0.9 },
        rate: { name: "constant", value: 0.01 },
        lambda: { name: "constant", value: 1 },
        device: "wasm",
        logEvery: 1,
      }),
    },
    { onEpoch },
  );
  let logits: readonly number[] = [];
  async function onEpoch(snapshot: Parameters<OnEpoch>[0]): ReturnType<OnEpoch> {
    logits = [...(await snapshot.predict(encoded, "target", { features: false })).logits];
    return { validators: {}, scores: {} };
  }
  const losses: number[] = [];
  let device = "";
  for await (const event of training) {
    if (event.type === "start") device = event.device;
    losses.push(...lossesOf(event));
  }
  return { device, losses, logits };
}

/** The terms of the objective that a step reports; nothing for any other event. */
const lossesOf = (
  event: TrainEvent | { readonly type: "plan" | "features" | "health" | "diverged" | "result" },
): readonly number[] => (event.type === "step" ? Object.values(event.terms) : []);

type OnEpoch = NonNullable<NonNullable<Parameters<typeof fit>[1]>["onEpoch"]>;

/** Grey 28x28 images, one thick bar each, at a slope that depends on the class; `ink` is how domains differ. */
function strokes(domain: string, ink: number): ImageRows {
  const draw = random(domain);
  const size = 28;
  const pixels = new Uint8Array(digitRows * size * size);
  for (let row = 0; row < digitRows; row++) {
    const slope = (row % 10) / 5 - 1;
    const shift = draw.integer(5) - 2;
    for (let y = 4; y < 24; y++) {
      for (let x = 0; x < size; x++) {
        const off = Math.abs(x - 14 - shift - slope * (y - 14));
        pixels[(row * size + y) * size + x] = off < 2 ? ink : draw.integer(40);
      }
    }
  }
  return { kind: "image", rows: digitRows, height: size, width: size, channels: 1, pixels };
}
