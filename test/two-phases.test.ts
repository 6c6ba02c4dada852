/** Methods of two phases: what the first has trained is not the method's, and is never selected as such. */
import { type AdaptOptions, adapt, moons } from "dann";
import { expect, test } from "vitest";

const data = moons({ rows: 60, seed: 100 });

// 40 steps of 16 of 60 rows are 10.67 epochs.
const run = async (method: "adda" | "adabn", select: string) => {
  const options: AdaptOptions = {
    ...{ ...data, method: { name: method } },
    train: { steps: 40, batch: { source: 16, target: 16 }, seed: 100 },
    evaluate: { targetTrained: false, adabn: false, evaluations: 10, select },
  };
  const { models } = await (await adapt({ ...options, thread: "same" })).done;
  return models.filter(({ name, selection }) => name === method && selection !== "last");
};

test.each(["source-accuracy", "entropy", "atc", "auto"])("ADDA, selected by %s", async (select) => {
  const rows = await run("adda", select);
  expect(rows.map(({ selection }) => selection)).toEqual(["validator", "oracle"]);
  for (const { epoch } of rows) expect(epoch).toBeGreaterThan(5);
});

test("AdaBN, selected by atc", async () => {
  const rows = await run("adabn", "atc");
  expect(rows).toHaveLength(2);
  for (const { epoch } of rows) expect(epoch).toBeGreaterThan(5);
});

test("ADDA's source is scored by the encoder that its first phase has left, whatever becomes of the target's", async () => {
  const options: AdaptOptions = {
    ...{ ...data, method: { name: "adda" } },
    train: { steps: 40, batch: { source: 16, target: 16 }, rate: { name: "constant", value: 0.05 }, seed: 100 },
    evaluate: { targetTrained: false, adabn: false, evaluations: 10, select: "entropy" },
  };
  const { models } = await (await adapt({ ...options, thread: "same" })).done;
  const rows = models.filter(({ name }) => name === "adda");
  expect(new Set(rows.map(({ epoch }) => epoch)).size).toBeGreaterThan(1);
  expect(new Set(rows.map(({ metrics }) => metrics.source?.accuracy)).size).toBe(1);
});
