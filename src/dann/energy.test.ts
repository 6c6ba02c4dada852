import { describe, expect, it } from "vitest";
import { float64, int64, normals, values } from "../../test/support/learning.ts";
import { directionalErrors } from "../../test/support/operators/gradient-check.ts";
import { gradients } from "../graph/gradients.ts";
import { input, type Var } from "../graph/node.ts";
import { random } from "../random.ts";
import { domainAccuracy, domainLoss, energy, labelLoss, pseudoObjective } from "./energy.ts";

const float = (name: string, shape: readonly number[]): Var => input(name, { dtype: "float32", shape });
const logits = { sourceLogits: float("s", [4, 1]), targetLogits: float("t", [3, 1]) };
const y = input("y", { dtype: "int64", shape: [4] });
const draw = random(5);
const feeds = { z: normals([4, 3], draw), y: int64([0, 2, 1, 1]), s: normals([4, 1], draw), t: normals([3, 1], draw) };

describe("losses", () => {
  it.each([0, 0.1])("label loss, smoothing %d: gradient check", (smoothing) => {
    const z = float("z", [4, 3]);
    for (const { error } of directionalErrors(labelLoss(z, y, { smoothing }), [z], feeds))
      expect(error).toBeLessThan(1e-6);
  });

  it.each([
    ["sum", 0],
    ["half", 0.1],
  ] as const)("domain loss, %s, smoothing %d: gradient check", (reading, labelSmoothing) => {
    const loss = domainLoss(logits, { reading, labelSmoothing });
    const errors = directionalErrors(loss, [logits.sourceLogits, logits.targetLogits], feeds);
    expect(errors).toHaveLength(2);
    for (const { error } of errors) expect(error).toBeLessThan(1e-6);
  });

  it("a confused domain classifier has ln 2 in `half`, twice that in `sum`, whatever the smoothing", () => {
    const zero = { s: float64([4, 1], [0, 0, 0, 0]), t: float64([3, 1], [0, 0, 0]) };
    for (const labelSmoothing of [0, 0.1]) {
      const half = domainLoss(logits, { reading: "half", labelSmoothing });
      const sum = domainLoss(logits, { labelSmoothing });
      const found = values({ half, sum }, zero);
      expect(found.half?.[0]).toBeCloseTo(Math.LN2, 7);
      expect(found.sum?.[0]).toBeCloseTo(2 * Math.LN2, 7);
    }
  });

  it("is finite, with a finite gradient, for logits that overflow a sigmoid", () => {
    const z = float("z", [2, 2]);
    const two = input("y", { dtype: "int64", shape: [2] });
    const label = labelLoss(z, two);
    const domain = domainLoss(logits);
    const [dz] = gradients(label, [z]);
    const [ds] = gradients(domain, [logits.sourceLogits]);
    if (dz === undefined || ds === undefined) throw new Error("no gradient");
    const found = values(
      { label, domain, dz, ds },
      {
        z: float64([2, 2], [1e4, -1e4, 1e4, -1e4]),
        y: int64([0, 1]),
        s: float64([4, 1], [1e4, -1e4, 1e4, -1e4]),
        t: float64([3, 1], [1e4, -1e4, 0]),
      },
    );
    expect(found.label?.[0]).toBeCloseTo(1e4, 6);
    expect(found.dz).toEqual([0, 0, 0.5, -0.5]);
    expect(found.ds).toEqual([0.25, 0, 0.25, 0]);
    expect(Number.isFinite(found.domain?.[0])).toBe(true);
  });

  it("accuracy is that of both domains in equal parts: a constant answer has one half", () => {
    const accuracy = domainAccuracy(logits);
    const of = (s: number[], t: number[]) =>
      values({ accuracy }, { s: float64([4, 1], s), t: float64([3, 1], t) }).accuracy?.[0];
    expect(of([-1, -1, -1, -1], [1, 1, 1])).toBe(1);
    expect(of([1, 1, 1, 1], [1, 1, 1])).toBe(0.5);
    expect(of([0, 0, 0, 0], [0, 0, 0])).toBe(0.5);
    expect(of([-1, -1, 1, 1], [1, -1, -1])).toBeCloseTo((0.5 + 1 / 3) / 2, 6);
  });

  it("E and E~", () => {
    const [a, b] = [float("a", []), float("b", [])];
    const outputs = { e: energy(a, b, 2), pseudo: pseudoObjective(a, b), weighted: pseudoObjective(a, b, 0.25) };
    expect(values(outputs, { a: float64([], [1]), b: float64([], [4]) })).toEqual({
      e: [-7],
      pseudo: [5],
      weighted: [2],
    });
  });

  it("refuses a softmax over one logit, and domain logits that are not one a row", () => {
    expect(() => labelLoss(float("z", [4, 1]), y)).toThrow("at least 2 classes");
    expect(() => domainLoss({ ...logits, targetLogits: float("t", [3, 2]) })).toThrow("one domain logit a row");
    expect(() => domainAccuracy({ ...logits, sourceLogits: float("s", [4]) })).toThrow("one domain logit a row");
  });
});
