import { expect, test } from "vitest";
import { resolveRecipe } from "../config/resolve.ts";
import { moons } from "../data/synthetic/moons.ts";
import { fewTargetRows } from "./few-rows.ts";
import { preparePlan } from "./prepare.ts";

test("a target of fewer rows than a batch, or than two a class, is warned of before training", () => {
  const { source } = moons({ rows: 60 });
  const warnings = (rows: number, name = "dann"): readonly string[] => {
    const { method, train, evaluate } = resolveRecipe([
      { origin: "test", config: { method: { name }, train: { steps: 10, batch: { target: 16 } } } },
    ]);
    const { labels: _, ...unlabelled } = moons({ rows }).target;
    const target = { ...unlabelled, origin: "b.csv" };
    return preparePlan(
      { source, target },
      { ...{ method, train, evaluate }, network: { kind: "named", name: "auto", options: {} }, preprocess: {} },
    ).warnings;
  };
  expect(warnings(4)).toEqual([
    "b.csv: 4 rows of the target, fewer than the 16 of a batch: the same ones come again within a step, and the shares of the classes, the distance of the domains and the verdict are estimated from these alone. Give more of them, they need no labels",
  ]);
  expect(warnings(16)).toEqual([]);
  expect(warnings(4, "source-only")).toEqual([]);
  const rows = { origin: "b.csv", rows: { rows: 5 } };
  expect(fewTargetRows(rows, { batch: 4, classes: 3 })[0]).toContain(
    "fewer than two for each of 3 classes: the shares",
  );
  expect(fewTargetRows(rows, { batch: 8, classes: 3 })[0]).toContain(
    "than the 8 of a batch and than two for each of 3",
  );
  expect(fewTargetRows(rows, { batch: 5, classes: 0 })).toEqual([]);
});
