/** `evaluate.select`: every choice takes the epoch that it names, and says so. */
import { type AdaptEvent, type AdaptOptions, adapt, type Dataset, moons, validators } from "dann";
import { describe, expect, test } from "vitest";

const data = moons({ rows: 60, rotation: 40, seed: 101 });
const quick: AdaptOptions = {
  ...data,
  train: { steps: 80, batch: { source: 16, target: 16 }, seed: 101 },
  evaluate: { targetTrained: false, adabn: false },
  thread: "same",
};

async function chosenBy(select: string) {
  const run = await adapt({ ...quick, evaluate: { ...quick.evaluate, select } });
  const events: AdaptEvent[] = [];
  for await (const event of run.events()) events.push(event);
  const result = await run.done;
  const epochs = events.flatMap((event) => (event.type === "epoch" && event.model === "dann" ? [event] : []));
  const taken = result.models.find(({ selection }) => selection === "validator");
  return { result, epochs, taken };
}

/** Of each direction one, and the last; `src/evaluate/selection.test.ts` has the rest. */
const names = ["last", "entropy", "snd"];
const taken = new Map<string, number | undefined>();

test.each(names)("%s", async (name) => {
  const { result, epochs, taken: row } = await chosenBy(name);
  expect(result.select).toBe(name);
  expect(epochs.length).toBeGreaterThan(8);
  const validator = validators.find((one) => one.name === name);
  const value = (scores: Readonly<Record<string, number>>): number => {
    const score = scores[name] ?? Number.NaN;
    return validator?.higherIsBetter === false ? -score : score;
  };
  const best = Math.max(...epochs.map((one) => value(one.validators)).filter((score) => !Number.isNaN(score)));
  const expected = epochs.findLast((one) => validator === undefined || value(one.validators) === best);
  expect(row?.epoch).toBe(expected?.epoch);
  expect(row?.validators).toEqual(expected?.validators);
  taken.set(name, row?.epoch);
});

test("the choice is one: different validators take different epochs", () => {
  expect(taken.size).toBe(names.length);
  expect(new Set(taken.values()).size).toBeGreaterThan(1);
});

test("auto is what is chosen without being asked", async () => {
  const { result, taken: row } = await chosenBy("auto");
  const plain = await (await adapt(quick)).done;
  expect([result.select, plain.select]).toEqual(["auto", "auto"]);
  expect(row).toEqual(plain.models.find(({ selection }) => selection === "validator"));
});

describe("refused", () => {
  test("a name that no validator has, with a guess; an alarm", async () => {
    await expect(adapt({ ...quick, evaluate: { select: "snf" } })).rejects.toMatchObject({
      code: "config-value",
      remedy: "Did you mean snd?",
    });
    await expect(adapt({ ...quick, evaluate: { select: "rankme" } })).rejects.toMatchObject({ code: "config-value" });
  });

  test("mixval on rows that cannot be mixed", async () => {
    const table = (labelled: boolean): Dataset => ({
      origin: "towns",
      rows: {
        kind: "table",
        rows: 40,
        columns: [
          { kind: "number", name: "age", values: Float64Array.from({ length: 40 }, (_, i) => i % 13) },
          {
            kind: "category",
            name: "town",
            codes: Int32Array.from({ length: 40 }, (_, i) => i % 2),
            vocabulary: ["a", "b"],
          },
        ],
      },
      ...(labelled && { labels: Array.from({ length: 40 }, (_, i) => String(i % 2)) }),
    });
    const asked = { ...quick, source: table(true), target: table(false) };
    const run = adapt({ ...asked, evaluate: { ...quick.evaluate, select: "mixval" } });
    await expect(run.then(({ done }) => done)).rejects.toMatchObject({ code: "select-mixval", kind: "usage" });
  });
});
