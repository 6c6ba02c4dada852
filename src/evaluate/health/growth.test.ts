import { expect, test } from "vitest";
import { growthFindings, type TermSizes, withReport } from "./growth.ts";

const after = (...reports: readonly Readonly<Record<string, number>>[]): TermSizes =>
  reports.reduce((sizes: TermSizes, terms, i) => withReport(sizes, 50 * (i + 1), terms), {});
const found = (...reports: readonly Readonly<Record<string, number>>[]) =>
  growthFindings({ terms: after(...reports), classes: 4 }, { scaling: "scale" });

test("sizes are those of all reports, with the step of the largest", () => {
  expect(after({ labelLoss: 1 }, { labelLoss: -3 }, { labelLoss: 0.5 })).toEqual({
    labelLoss: { smallest: 0.5, largest: 3, step: 100 },
  });
});

test("a term that explodes and comes back, one that stays, one of no known scale", () => {
  expect(found({ domainLoss: 1.3 }, { domainLoss: 700 }, { domainLoss: 1.4 })).toMatchObject([
    { code: "exploding-terms", numbers: { largest: 700, step: 100 } },
  ]);
  // Before the first report: its own least is no measure.
  expect(found({ labelLoss: 900 }, { labelLoss: 950 })).toHaveLength(1);
  expect(found({ discrepancy: 2 }, { discrepancy: 500 })).toHaveLength(1);
  expect(found({ labelLoss: 1 }, { labelLoss: 2, domainLoss: 80, loss: 82 })[0]?.text).toMatch(/domainLoss reached 80/);
});

test("a domain loss is held against ln 2, which its report has by chance whatever is trained", () => {
  expect(found({ domainLoss: 0.69 }, { domainLoss: 11 })).toHaveLength(1);
  expect(found({ domainLoss: 0.69 }, { domainLoss: 9 })).toEqual([]);
});

test("the gradient's norm stands behind a finding, and raises none", () => {
  expect(found({ domainLoss: 1.3, gradientNorm: 2 }, { domainLoss: 1.2, gradientNorm: 1e6 })).toEqual([]);
  const [finding] = found({ domainLoss: 1.3, gradientNorm: 2 }, { domainLoss: 700, gradientNorm: 1e6 });
  expect(finding?.numbers).toMatchObject({ gradientNorm: 1e6, gradientNormStep: 100 });
  expect(finding?.text).toMatch(/norm, before clipping, went up to 1\.00e\+6 by step 100/);
  // Clipping is on: to be told to turn it on is no help.
  expect(finding?.remedies.join()).not.toContain("gradientClip=5");
});

test("losses that fall by orders of magnitude, small ones and what is no loss are sound", () => {
  expect(found({ labelLoss: 1.4, loss: 2 }, { labelLoss: 1e-4, loss: 1e-4 }, { labelLoss: 0.3, loss: 80 })).toEqual([]);
  expect(found({ discrepancy: 1e-6 }, { discrepancy: 0.5 })).toEqual([]);
  expect(found({ featureNorm: 0.5 }, { featureNorm: 40 })).toEqual([]);
});
