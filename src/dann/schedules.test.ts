import { describe, expect, it } from "vitest";
import {
  constant,
  cosine,
  lambdaSchedule,
  makeLambdaSchedule,
  makeRateSchedule,
  paperLambda,
  paperRate,
  progress,
  rateSchedule,
  tllibLambda,
} from "./schedules.ts";

const at = (p: number) => progress(p * 1000, 1000);

describe("schedules", () => {
  it("lambda_p has the paper's values", () => {
    const lambda = paperLambda();
    const expected = { 0: 0, 0.05: 0.2449, 0.1: 0.4621, 0.2: 0.7616, 0.3: 0.9051, 0.5: 0.9866, 1: 0.9999 };
    for (const [p, value] of Object.entries(expected)) expect(lambda(at(Number(p)))).toBeCloseTo(value, 4);
    expect(paperLambda({ max: 3 })(at(0.1))).toBeCloseTo(3 * 0.4621, 3);
    expect(paperLambda({ gamma: 1 })(at(1))).toBeCloseTo(0.4621, 4);
  });

  it("mu_p has the paper's values", () => {
    const rate = paperRate();
    const expected = { 0: 0.01, 0.1: 0.00595, 0.25: 0.00391, 0.5: 0.00261, 0.75: 0.00201, 1: 0.00166 };
    for (const [p, value] of Object.entries(expected)) expect(rate(at(Number(p)))).toBeCloseTo(value, 5);
  });

  it("the form of tllib counts steps, whatever the length of the training", () => {
    for (const steps of [2000, 20_000]) {
      const lambda = tllibLambda({ steps });
      expect(lambda(progress(1000, steps))).toBeCloseTo(2 / (1 + Math.exp(-1)) - 1, 12);
    }
    expect(tllibLambda({ steps: 1000, rampSteps: 100, max: 2 })(at(1))).toBeCloseTo(
      2 * (2 / (1 + Math.exp(-10)) - 1),
      12,
    );
  });

  it("cosine falls from `from` to `to`", () => {
    const rate = cosine(1, 0.2);
    expect([0, 0.5, 1].map((p) => rate(at(p)))).toEqual([1, expect.closeTo(0.6, 12), expect.closeTo(0.2, 12)]);
  });

  it("configurations give the schedules they name, each option with an effect", () => {
    const lambda = (config: unknown, p: number) => makeLambdaSchedule(lambdaSchedule.parse(config), 2000)(at(p));
    expect(lambda({ name: "paper" }, 0.1)).toBe(paperLambda()(at(0.1)));
    expect(lambda({ name: "paper", gamma: 5, max: 2 }, 0.1)).toBe(paperLambda({ gamma: 5, max: 2 })(at(0.1)));
    expect(lambda({ name: "tllib", rampSteps: 500, max: 2 }, 0.25)).toBeCloseTo(2 * 0.46212, 4);
    expect(lambda({ name: "constant", value: 0.3 }, 0.7)).toBe(0.3);
    const rate = (config: unknown, p: number) => makeRateSchedule(rateSchedule.parse(config))(at(p));
    expect(rate({ name: "paper", mu0: 1, alpha: 3, beta: 2 }, 1)).toBeCloseTo(1 / 16, 12);
    expect(rate({ name: "cosine", from: 2, to: 1 }, 0.5)).toBeCloseTo(1.5, 12);
    expect(rate({ name: "constant", value: 0.5 }, 0.2)).toBe(constant(0.5)(at(0.2)));
    expect(lambdaSchedule.safeParse({ name: "paper", gama: 1 }).success).toBe(false);
    expect(rateSchedule.safeParse({ name: "constant", value: -1 }).success).toBe(false);
  });

  it("progress outside the training is refused", () => {
    expect(() => progress(11, 10)).toThrow("progress");
    expect(() => progress(0, 0)).toThrow("progress");
  });
});
