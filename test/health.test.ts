/** What a run says of its own health, on runs that were broken on purpose. */
import { type AdaptOptions, type AdaptResult, adapt, type Dataset, moons } from "dann";
import { expect, test } from "vitest";
import { selectDataset } from "../src/data/select.ts";

const seed = 100;
const broken = async (options: Partial<AdaptOptions>, train: object = {}): Promise<AdaptResult> =>
  (
    await adapt({
      ...moons({ rows: 300, rotation: 35, seed }),
      evaluate: { targetTrained: false, adabn: false, evaluations: 5, holdout: 0.3 },
      thread: "same",
      ...options,
      train: { steps: 300, seed, ...train },
    })
  ).done;
const codes = ({ health = [] }: AdaptResult): string[] => health.map(({ code }) => code);

test("a domain classifier that may not learn, and one that nothing follows", async () => {
  const dead = await broken({}, { partRates: { domainClassifier: 0 } });
  expect(codes(dead)).toContain("discriminator-never-learned");
  const free = await broken({}, { lambda: { name: "constant", value: 0 } });
  expect(codes(free)).toContain("discriminator-dominates");
  expect(codes(free)).not.toContain("discriminator-never-learned");
});

test("a target with other shares of the classes is told, and more even predictions are not called help", async () => {
  const { source, target } = moons({ rows: 300, rotation: 10, seed });
  const result = await broken({ source, target: uneven(target) });
  expect(codes(result)).toContain("label-shift");
  const [sourceOnly] = result.models;
  const selected = result.models.find(({ selection }) => selection === "validator");
  // It would have been harm: information alone says help.
  expect(selected?.metrics.target?.accuracy).toBeLessThan((sourceOnly?.metrics.target?.accuracy ?? 0) - 0.1);
  expect(result.verdict.code).toBe("negative-transfer");
});

/** All rows of the first class, every fifth of the others. */
function uneven(dataset: Dataset): Dataset {
  const { labels = [] } = dataset;
  const first = [...new Set(labels)].sort()[0];
  return selectDataset(
    dataset,
    labels.flatMap((label, row) => (label === first || row % 5 === 0 ? [row] : [])),
  );
}
