import { expect, test } from "vitest";
import { openBackend } from "#runtime";
import { resolveRecipe } from "../config/resolve.ts";
import type { Dataset } from "../data/dataset.ts";
import { random } from "../random.ts";
import { inputDistance } from "./input-distance.ts";
import { preparePlan } from "./prepare.ts";
import { samplesOf } from "./scoring.ts";

/** Rows of one distribution, sorted by the first column or as they come. */
function points(seed: number, sorted: boolean): Dataset {
  const [rows, width] = [2000, 2];
  const chance = random(seed);
  const first = Array.from({ length: rows }, () => chance.normal());
  if (sorted) first.sort((a, b) => a - b);
  const values = Float32Array.from(first.flatMap((x) => [x, chance.normal()]));
  const labels = first.map((_, row) => String(row % 2));
  return { origin: `points ${seed}`, rows: { kind: "dense", rows, width, values }, labels };
}

test("the order in which rows lie is no distance between the domains", async () => {
  const recipe = resolveRecipe([{ origin: "test", config: { train: { steps: 1 } } }]);
  const network = { kind: "named", name: "mlp", options: {} } as const;
  const plan = preparePlan(
    { source: points(1, true), target: points(2, false) },
    { ...recipe, network, preprocess: {} },
  );
  const backend = await openBackend("cpu");
  expect(await inputDistance({ plan, backend, samples: samplesOf(plan) })).toBeLessThan(0.25);
});
