import { describe, expect, it } from "vitest";
import { draw, readGolden } from "../../../test/golden/golden.ts";
import { float64, norm, normals, relativeError, values } from "../../../test/support/learning.ts";
import { directionalErrors } from "../../../test/support/operators/gradient-check.ts";
import { gradients } from "../../graph/gradients.ts";
import { mul, reduceSum, softmax } from "../../graph/index.ts";
import { input, type Var } from "../../graph/node.ts";
import { random } from "../../random.ts";
import { covarianceDistance } from "./covariance.ts";
import { squaredDistances } from "./distances.ts";
import { normGrowth } from "./feature-norm.ts";
import { meanDiscrepancy, predictionWidths, relativeWidths } from "./mean-discrepancy.ts";
import { transportPlan } from "./transport.ts";

const float = (name: string, shape: readonly number[]): Var => input(name, { dtype: "float32", shape });
const [s, t] = [float("s", [5, 3]), float("t", [4, 3])];
const [p, q] = [float("p", [5, 2]), float("q", [4, 2])];

const features = { source: s, target: t, widths: relativeWidths };
const predictions = { source: softmax(p, -1), target: softmax(q, -1), widths: predictionWidths };
const costs = squaredDistances(s, t);

const losses: readonly (readonly [name: string, loss: Var, wrt: readonly Var[]])[] = [
  ["mmd", meanDiscrepancy([features]), [s, t]],
  ["joint mmd", meanDiscrepancy([features, predictions]), [s, t, p, q]],
  ["covariance", covarianceDistance(s, t), [s, t]],
  ["norm growth", normGrowth(s, 0.5), [s]],
  ["transport", reduceSum(mul(transportPlan(costs), costs)), [s, t]],
];

const golden = readGolden<{ cases: { name: string; loss: number; gradients: number[][] }[]; plan: number[] }>(
  "discrepancies.json",
);
const fed = {
  s: draw("source features", [5, 3], 1),
  t: draw("target features", [4, 3], 1, 0.5),
  p: draw("source logits", [5, 2], 2),
  q: draw("target logits", [4, 2], 2),
};

/** Constants of a graph are float32, the golden numbers float64: more than their rounding is an error. */
const close = (ours: readonly number[] | undefined, theirs: readonly number[]): void => {
  expect(ours?.length).toBe(theirs.length);
  expect(relativeError(ours ?? [], theirs, norm(theirs))).toBeLessThan(1e-5);
};

describe.each(losses)("%s", (name, loss, wrt) => {
  it("has the golden value and gradients", () => {
    const known = golden.cases.find((each) => each.name === name);
    const slopes = gradients(loss, wrt);
    const found = values({ loss, ...Object.fromEntries(slopes.map((slope, i) => [`d${i}`, slope as Var])) }, fed);
    close(found.loss, [known?.loss ?? Number.NaN]);
    known?.gradients.forEach((theirs, i) => {
      close(found[`d${i}`], theirs);
    });
    expect(known?.gradients).toHaveLength(wrt.length);
  });
});

// What is a constant to the gradient (widths, norms, the plan) is not one to a difference quotient: those have golden numbers alone.
it("covariance: gradient check", () => {
  for (const { error } of directionalErrors(covarianceDistance(s, t), [s, t], fed)) expect(error).toBeLessThan(1e-6);
});

it("a discrepancy by one fixed width: gradient check", () => {
  const loss = meanDiscrepancy([{ source: s, target: t, widths: predictionWidths }]);
  for (const { error } of directionalErrors(loss, [s, t], fed)) expect(error).toBeLessThan(1e-6);
});

it("discrepancies are near zero for rows of one distribution and large for a shift", () => {
  const [a, b] = [float("a", [60, 2]), float("b", [60, 2])];
  const all = {
    mean: meanDiscrepancy([{ source: a, target: b, widths: relativeWidths }]),
    covariance: covarianceDistance(a, b),
  };
  const rows = normals([120, 2], random(3)).data as Float64Array;
  const [own, other] = [rows.slice(0, 120), rows.slice(120)];
  const of = (target: Float64Array): Record<string, number> => {
    const found = values(all, { a: float64([60, 2], [...own]), b: float64([60, 2], [...target]) });
    return { mean: found.mean?.[0] ?? Number.NaN, covariance: found.covariance?.[0] ?? Number.NaN };
  };
  const [same, shifted] = [of(other), of(other.map((value) => 3 * value + 2))];
  expect(Math.abs(same.mean ?? 9)).toBeLessThan(0.1);
  expect(shifted.mean).toBeGreaterThan(0.5);
  expect(shifted.covariance).toBeGreaterThan(20 * (same.covariance ?? 9));
});

it("the plan keeps its margins, and joins what lies together", () => {
  const plan = values({ plan: transportPlan(costs) }, fed).plan ?? [];
  close(plan, golden.plan);
  for (let j = 0; j < 4; j++)
    expect([0, 1, 2, 3, 4].reduce((sum, i) => sum + (plan[i * 4 + j] ?? 9), 0)).toBeCloseTo(0.25, 6);
  const near = values(
    { plan: transportPlan(squaredDistances(s, t), { iterations: 500 }) },
    { ...fed, t: float64([4, 3], [...(fed.s.data as Float64Array)].slice(0, 12)) },
  );
  expect(near.plan?.[0]).toBeGreaterThan(0.1);
});

it("equal rows everywhere give zeros, not NaN", () => {
  const zero = { s: float64([5, 3], Array(15).fill(0)), t: float64([4, 3], Array(12).fill(0)) };
  const wrt = losses.slice(0, 1).concat(losses.slice(2));
  for (const [, loss, variables] of wrt) {
    const slopes = gradients(loss, variables);
    const found = values({ loss, ...Object.fromEntries(slopes.map((slope, i) => [`d${i}`, slope as Var])) }, zero);
    for (const each of Object.values(found)) for (const value of each) expect(Number.isFinite(value)).toBe(true);
  }
});
