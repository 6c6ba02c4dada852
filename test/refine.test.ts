/** A refinement behind a network trained elsewhere: SHOT on features of a frozen backbone, as its authors have it. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type AdaptEvent, adapt, type Dataset, loadModel, moons, readDataset, refine } from "dann";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEmbedding } from "../src/adapt/embedding-file.ts";
import { exportRun } from "../src/adapt/export.ts";
import { modelOfRun, openSavedRun } from "../src/adapt/saved-run.ts";
import { random } from "../src/random.ts";
import { temporaryFolder } from "./support/cli.ts";
import { reviews, wordPiece } from "./support/tokenizer.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const backbone = { model: resolve("test/golden/onnx/resnet.onnx") };

/** Light and dark images of 32x32; the target's are darker. */
function shades(shade: number, seed: number): Dataset {
  const chance = random(seed);
  const labels = Array.from({ length: 40 }, (_, row) => (row % 2 === 0 ? "light" : "dark"));
  const pixels = Uint8Array.from({ length: 40 * 32 * 32 * 3 }, (_, i) => {
    const light = Math.floor(i / (32 * 32 * 3)) % 2 === 0;
    return shade * ((light ? 140 : 60) + 100 * chance.uniform());
  });
  return { origin: "shades", rows: { kind: "image", rows: 40, height: 32, width: 32, channels: 3, pixels }, labels };
}
const [source, target] = [shades(1, 100), shades(0.6, 101)];
const quick = { steps: 20, batch: { source: 16, target: 16 }, seed: 100 };

async function trained(name: string, train: "none" | 1): Promise<string> {
  const run = await adapt({
    ...{ source, target, train: quick, evaluate: { targetTrained: false, adabn: false }, out: at(name) },
    ...{ thread: "same", network: { name: "mlp", backbone: { ...backbone, train } } },
  });
  await run.done;
  return at(name);
}

describe("behind a frozen backbone", () => {
  let from: string;
  const cache = at("kept");
  beforeAll(async () => {
    from = await trained("frozen", "none");
  }, 120_000);

  test("features once, from images to the saved model, which says what the refinement scored", async () => {
    const run = await refine({
      ...{ from, model: "source-only", target, method: "shot", train: { steps: 20 } },
      ...{ cache, out: at("shot"), thread: "same" },
    });
    const events: AdaptEvent[] = [];
    for await (const event of run.events()) events.push(event);
    expect(events.filter(({ type }) => type === "features").at(-1)).toMatchObject({ done: 40, total: 40 });
    const { network, task, models, chosen, verification } = await run.done;
    expect(network.description).toMatch(/^G_f: image -> \/Flatten_output_0 \(frozen\), 16 features, fc/);
    expect(network.why).toContain("images of 32x32: pixels/255");
    expect(task.inputShape).toEqual([3, 32, 32]);
    expect(verification.difference).toBeLessThan(1e-4);
    const parent = JSON.parse(readFileSync(join(from, "result.json"), "utf8"));
    expect(models[0]?.metrics.target).toEqual(parent.models[0].metrics.target);
    expect(models[1]?.epoch).toBeGreaterThan(0);
    // As a user who predicts by the folder: raw images, and no word of the backbone's file.
    const model = await loadModel(join(at("shot"), "model.onnx"));
    const said = await model.predict(target);
    await model.dispose();
    expect((await run.predict(target)).labels).toEqual(said.labels);
    const right = said.labels.filter((label, row) => label === target.labels?.[row]).length / 40;
    expect(right).toBeCloseTo(models[chosen]?.metrics.target?.accuracy ?? Number.NaN, 6);
  }, 120_000);

  test("the refined model says of raw images what was scored of their features", async () => {
    await exportRun(at("shot"), { model: "shot", out: at("shot.onnx") });
    const model = await loadModel(at("shot.onnx"));
    const said = await model.predict(target);
    await model.dispose();
    const { refined_target_predictions: scored } = await readEmbedding(join(at("shot"), "embedding.npz"));
    expect(said.labels).toEqual(Array.from(scored?.values as Int32Array, (index) => ["dark", "light"][index]));
  }, 120_000);

  test("is gone on from, with the features that were kept", async () => {
    const again = await refine({
      ...{ from: at("shot"), model: "shot", target, method: "shot", train: { steps: 2 }, cache, thread: "same" },
    });
    const events: AdaptEvent[] = [];
    for await (const event of again.events()) events.push(event);
    // No event of rows that are run: they are read.
    expect(events.filter(({ type }) => type === "features")).toHaveLength(1);
    expect((await again.done).from).toEqual({ run: at("shot"), model: "shot" });
  }, 120_000);

  test("changed images are refused where features are kept, and run at every step where they are not", async () => {
    const changed = { from, target, method: "shot", train: { steps: 2, augment: { flip: {} } } } as const;
    await expect(refine({ ...changed, cache })).rejects.toMatchObject({ code: "augment-frozen" });
    const run = await refine({ ...changed, cache: false, thread: "same" });
    expect((await run.done).verification.difference).toBeLessThan(1e-4);
  }, 120_000);

  test("the file of a library's run is in its folder; a backbone of bytes is not, and the run is refused", async () => {
    const begin = async (out: string, model: string | Uint8Array): Promise<void> => {
      const run = await adapt({
        ...{ source, target, train: { ...quick, steps: 2 }, out, thread: "same", network: "mlp", backbone: { model } },
        evaluate: { targetTrained: false, adabn: false },
      });
      await run.done;
    };
    const gone = { target, method: "shot", train: { steps: 2 }, thread: "same" } as const;
    await begin(at("path"), "test/golden/onnx/resnet.onnx");
    const run = await refine({ from: at("path"), ...gone });
    expect((await run.done).network.name).toBe("backbone + mlp");
    await begin(at("bytes"), new Uint8Array(readFileSync(backbone.model)));
    await expect(refine({ from: at("bytes"), ...gone })).rejects.toThrow("the backbone was given as bytes");
  }, 120_000);
});

test("SHOT warns of a start that was trained with hard labels, where it can know", async () => {
  const data = moons({ rows: 20, seed: 100 });
  const warningsFrom = async (from: string, method: string, out?: string): Promise<string> => {
    const run = await refine({
      ...{ from, model: "last", method, target: data.target, thread: "same", ...(out && { out: at(out) }) },
      train: { steps: 2, batch: { target: 16 } },
    });
    return (await run.done).warnings.join();
  };
  const begin = async (labelSmoothing: number): Promise<string> => {
    const out = at(`smoothed-${labelSmoothing}`);
    const run = await adapt({
      ...{ ...data, method: { name: "dann", labelSmoothing }, out, thread: "same" },
      ...{ train: { ...quick, steps: 2 }, evaluate: { targetTrained: false, adabn: false } },
    });
    await run.done;
    return out;
  };
  const [hard, smooth] = [await begin(0), await begin(0.1)];
  expect(await warningsFrom(hard, "shot", "of-hard")).toContain("train with --set method.labelSmoothing=0.1 first");
  for (const [from, method] of [
    [smooth, "shot"],
    [hard, "dirt-t"],
    [at("of-hard"), "shot"],
  ] as const)
    expect(await warningsFrom(from, method)).not.toContain("labelSmoothing");
});

test("through a backbone that was trained: its weights are the run's, and go on from there", async () => {
  const from = await trained("through", 1);
  const before = await modelOfRun(await openSavedRun(from), "source-only");
  /** Of the backbone's weights: the largest change. */
  const moved = async (out: string, train: object): Promise<number> => {
    const run = await refine({
      ...{ from, model: "source-only", target, method: "shot", out: at(out), thread: "same" },
      train: { steps: 2, ...train },
    });
    expect((await run.done).network.description).toContain("weights trained");
    const { state } = await modelOfRun(await openSavedRun(at(out)), "last");
    const weights = [...state].filter(([name]) => name.includes("backbone") && /weight|kernel/.test(name));
    expect(weights.length).toBeGreaterThan(0);
    return Math.max(
      ...weights.flatMap(([name, { data }]) =>
        Array.from(data, (value, i) => Math.abs(Number(value) - Number(before.state.get(name)?.data[i]))),
      ),
    );
  };
  expect(await moved("moved", {})).toBeGreaterThan(0);
  expect(await moved("still", { partRates: { backbone: 0 } })).toBe(0);
}, 120_000);

test("behind an encoder of text: the run's own tokenizer reads the rows, and goes with the refined run", async () => {
  for (const about of ["books", "knives"] as const) writeFileSync(at(`${about}.csv`), reviews(about, 60));
  writeFileSync(at("tokenizer.json"), wordPiece());
  const read = (about: "books" | "knives"): Promise<Dataset> =>
    readDataset(at(`${about}.csv`), { labels: "opinion", drop: ["stars"], types: { review: "text" } });
  const [books, knives] = [await read("books"), await read("knives")];
  const encoder = { model: "demo/encoder/encoder.onnx", tokenizer: at("tokenizer.json") };
  const run = await adapt({
    ...{ source: books, target: knives, train: quick, out: at("texts"), thread: "same", backbone: encoder },
    evaluate: { targetTrained: false, adabn: false },
  });
  await run.done;
  rmSync(at("tokenizer.json"));
  const refined = await refine({
    ...{ from: at("texts"), target: knives, method: "shot", train: { steps: 5 }, out: at("refined"), thread: "same" },
  });
  expect((await refined.done).network.description).toContain("mean over tokens (frozen)");
  const said = (await refined.predict(knives)).labels;
  const model = await loadModel(join(at("refined"), "model.onnx"));
  expect((await model.predict(knives)).labels).toEqual(said);
  await model.dispose();
}, 120_000);
