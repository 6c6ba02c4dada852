/** A dozen checks that it breathes, bottom to top, in a second or two: run these first when something is broken. */
import { describe, expect, it } from "vitest";
import { openBackend } from "#runtime";
import { gradientReversal } from "../src/dann/gradient-reversal.ts";
import { paperLambda, paperRate, progress } from "../src/dann/schedules.ts";
import { encodeRows } from "../src/data/encode.ts";
import { fitPreprocess } from "../src/data/preprocess.ts";
import { moons } from "../src/data/synthetic/moons.ts";
import { domainLabel } from "../src/domain.ts";
import { gradients } from "../src/graph/gradients.ts";
import { mul, reduceSum, square } from "../src/graph/index.ts";
import { input } from "../src/graph/node.ts";
import { encodeModel } from "../src/onnx/encode.ts";
import { readModelInfo } from "../src/onnx/read.ts";
import { random } from "../src/random.ts";
import { evaluate } from "../src/runtime/reference.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../src/train/checkpoint.ts";
import { fit as startFit, trained } from "../src/train/fit.ts";
import { loadModel } from "../src/train/load-model.ts";
import { exportModel } from "../src/train/model.ts";
import { clouds, tinyJob } from "./support/tiny-job.ts";

const x = input("x", { dtype: "float32", shape: [3] });
const feeds = { x: { dtype: "float32", dims: [3], data: Float32Array.of(1, -2, 3) } } as const;
const numbers = (tensor: { readonly data: ArrayLike<unknown> } | undefined): number[] =>
  Array.from(tensor?.data ?? [], Number);

describe("it breathes", () => {
  it("draws the same numbers for a seed", () => {
    expect(random(1).split("a").uint32()).toBe(random(1).split("a").uint32());
    expect(random(1).split("a").uint32()).not.toBe(random(1).split("b").uint32());
  });

  it("calls the source 0 and the target 1", () =>
    expect([domainLabel("source"), domainLabel("target")]).toEqual([0, 1]));

  it("differentiates: d/dx sum x^2 = 2x", () => {
    const [gradient] = gradients(reduceSum(square(x)), [x]);
    if (gradient === undefined) return expect.unreachable();
    expect(numbers(evaluate({ name: "g", outputs: { gradient } }, feeds).gradient)).toEqual([2, -4, 6]);
  });

  it("reverses gradients and nothing else: R(x) = x, dR/dx = -lambda", () => {
    const reversed = gradientReversal(x, 0.5);
    const [gradient] = gradients(reduceSum(reversed), [x]);
    if (gradient === undefined) return expect.unreachable();
    const out = evaluate({ name: "r", outputs: { reversed, gradient } }, feeds);
    expect(numbers(out.reversed)).toEqual([1, -2, 3]);
    expect(numbers(out.gradient)).toEqual([-0.5, -0.5, -0.5]);
  });

  it("writes ONNX that an engine runs", async () => {
    const graph = { name: "double", outputs: { y: mul(x, 2) } };
    expect(readModelInfo(encodeModel(graph)).inputs).toEqual({ x: { dtype: "float32", shape: [3] } });
    const executable = await (await openBackend("auto")).compile(graph);
    expect(numbers((await executable.run(feeds)).y)).toEqual([2, -4, 6]);
    await executable.dispose();
  });

  it("follows the paper's schedules", () => {
    expect([0, 0.5, 1].map((p) => paperLambda()(progress(p * 100, 100)))).toEqual([
      0,
      expect.closeTo(0.9866, 4),
      expect.closeTo(0.9999, 4),
    ]);
    expect(paperRate()(progress(0, 100))).toBe(0.01);
  });

  it("makes two moons and turns the target", () => {
    const { source, target } = moons({ rows: 20, seed: 1 });
    expect([source.rows.rows, target.rows.rows]).toEqual([20, 20]);
    expect(new Set(source.labels)).toEqual(new Set(["0", "1"]));
  });

  it("standardises with the source's statistics", () => {
    const { rows } = clouds(50, 5, 1);
    const spec = fitPreprocess(rows, undefined, { standardise: "source" });
    expect(encodeRows(rows, spec).rows).toBe(50);
  });

  it("trains a few steps of DANN, and the label loss falls", async () => {
    const losses: number[] = [];
    for await (const event of startFit(tinyJob({ config: { steps: 100, logEvery: 25 } })))
      if (event.type === "step") losses.push(event.terms.labelLoss ?? Number.NaN);
    expect(losses).toHaveLength(4);
    expect(losses[3]).toBeLessThan(losses[0] ?? 0);
  });

  it("stops, saves, resumes, and arrives at the same bits", async () => {
    const job = tinyJob();
    const saved: Uint8Array[] = [];
    const whole = await trained(
      startFit(job, {
        onCheckpoint: async (checkpoint) => {
          saved.push(encodeCheckpoint(checkpoint));
        },
      }),
    );
    const resume = decodeCheckpoint(saved[0] ?? new Uint8Array(), "checkpoint");
    expect(resume.step).toBe(7);
    expect((await trained(startFit(job, { resume }))).state).toEqual(whole.state);
  });

  it("saves a model that takes raw rows", async () => {
    const job = tinyJob({ config: { steps: 200 } });
    const { network, state, apart } = await trained(startFit(job));
    const { preprocess } = job;
    const bytes = exportModel({ network, preprocess, state, apart, domain: "target", classes: ["no", "yes"] });
    const model = await loadModel(bytes);
    const { rows, labels } = clouds(60, 1, 3);
    const predicted = await model.predict(rows);
    expect(predicted.labels.filter((label, i) => label === (labels[i] === 1 ? "yes" : "no")).length).toBeGreaterThan(
      48,
    );
    await model.dispose();
  });
});
