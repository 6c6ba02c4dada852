/** Statistics of the domains in each other's places, of every kind of preprocessing; the rest stays as it is. */
import { expect, test } from "vitest";
import { asSource, swapDomains } from "./domains.ts";
import type { PreprocessSpec } from "./spec.ts";

const own = { mean: [1], scale: [2] };
const other = { mean: [30], scale: [40] };
const column = { name: "age", flagged: false };
const small = { mean: 1, scale: 2, fill: 3 };
const large = { mean: 10, scale: 20, fill: 30 };

type Of = readonly [source: "own" | "other", target: "own" | "other"];

/** Each kind with the statistics of the source's or the target's rows in either place. */
const specs: readonly ((of: Of) => PreprocessSpec)[] = [
  ([source, target]) => {
    const numbers = { own: small, other: large };
    const numeric = [{ ...column, source: numbers[source], target: numbers[target] }];
    return { kind: "table", standardise: "perDomain", numeric, categorical: [] };
  },
  ([source, target]) => {
    const moments = { own, other };
    return {
      ...{ kind: "features", width: 1, counts: "none", countScale: 1, standardise: "perDomain" },
      ...{ source: moments[source], target: moments[target] },
    };
  },
  ([source, target]) => {
    const means = { own: [0.1], other: [0.9] };
    return {
      ...{ kind: "image", height: 1, width: 1, channels: 1, resize: false, scale: 1, centre: "perDomain" },
      ...{ source: means[source], target: means[target] },
    };
  },
  ([source, target]) => {
    const moments = { own, other };
    return {
      ...{ kind: "signal", channels: 1, length: 4, standardise: "perDomain" },
      ...{ source: moments[source], target: moments[target] },
    };
  },
];

test.each(specs.map((of) => [of(["own", "other"]).kind, of] as const))("%s", (_, of) => {
  const spec = of(["own", "other"]);
  expect(swapDomains(spec)).toEqual(of(["other", "own"]));
  expect(swapDomains(swapDomains(spec))).toEqual(spec);
  expect(asSource(spec)).toEqual(of(["other", "other"]));
});

test("features that nothing standardises have nothing to exchange", () => {
  const plain: PreprocessSpec = {
    ...{ kind: "features", width: 1, counts: "none", countScale: 1, standardise: "none" },
  };
  expect(swapDomains(plain)).toEqual(plain);
});
