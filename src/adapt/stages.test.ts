import { expect, test } from "vitest";
import { image } from "../../test/support/preprocess.ts";
import { clouds } from "../../test/support/tiny-job.ts";
import { resolveRecipe } from "../config/resolve.ts";
import { standardisation } from "../dann/backbone.ts";
import { featureExtractor as featureExtractorOf } from "../dann/feature-extractor.ts";
import { makeNetwork } from "../dann/networks/registry.ts";
import type { Dataset } from "../data/dataset.ts";
import { random } from "../random.ts";
import { networkOfPlan } from "./network.ts";
import { preparePlan } from "./prepare.ts";
import { stagesOf } from "./stages.ts";

const shades = (seed: number): Dataset => {
  const chance = random(seed);
  return {
    origin: `images ${seed}`,
    rows: image(1, 16, 16, ...Array.from({ length: 24 * 256 }, () => chance.integer(256))),
    labels: Array.from({ length: 24 }, (_, row) => String(row % 2)),
  };
};

test("every training has the same augmentation; AdaBN, which only gathers statistics, has none", async () => {
  const recipe = resolveRecipe([{ origin: "test", config: { train: { steps: 5, augment: { flip: {} } } } }]);
  const network = { kind: "named", name: "compact", options: { batchNorm: "perDomain" } } as const;
  const plan = preparePlan({ source: shades(1), target: shades(2) }, { ...recipe, network, preprocess: {} });
  const stages = stagesOf(plan, (await networkOfPlan(plan)).network);
  expect(stages.map(({ id, job }) => [id, job.config.augment])).toEqual([
    ["source-only", { flip: { probability: 0.5 } }],
    ["adabn", undefined],
    ["method", { flip: { probability: 0.5 } }],
    ["target-trained", { flip: { probability: 0.5 } }],
  ]);
});

test("AdaBN is a row where batches move statistics, not where fixed ones are carried", async () => {
  const recipe = resolveRecipe([{ origin: "test", config: { train: { steps: 5 } } }]);
  const idsOf = async (batchNorm: "none" | "perDomain"): Promise<string[]> => {
    const made = makeNetwork("mlp", { inputShape: [2], classes: 2, rows: { source: 24, target: 24 } }, { batchNorm });
    // As behind a frozen backbone.
    const featureExtractor = featureExtractorOf([standardisation(), made.featureExtractor]);
    const network = { kind: "made", network: { ...made, featureExtractor } } as const;
    const plan = preparePlan({ source: points(1), target: points(2) }, { ...recipe, network, preprocess: {} });
    return stagesOf(plan, (await networkOfPlan(plan)).network).map(({ id }) => id);
  };
  expect(await idsOf("perDomain")).toContain("adabn");
  expect(await idsOf("none")).not.toContain("adabn");
});

const points = (seed: number): Dataset => {
  const { rows, labels } = clouds(24, 0, seed);
  return { origin: `points ${seed}`, rows, labels: Array.from(labels, String) };
};
