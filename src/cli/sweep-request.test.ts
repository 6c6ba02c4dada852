import { expect, test } from "vitest";
import { resolveRun } from "../config/resolve.ts";
import { commandOf } from "../report/shell.ts";
import { adaptWords, type GivenSweep, ownWords, refuseGiven, rungsFor, seedsOf, settingsOf } from "./sweep-request.ts";

const given = (more: Partial<GivenSweep>): GivenSweep => ({ store: "runs/sweep", ...more });
const base = (train: object, more: object = {}): ReturnType<typeof resolveRun> =>
  resolveRun([{ origin: "test", config: { data: { source: "a.csv", target: "b.csv" }, train, ...more } }]);

test("a grid or draws, with the keys that they vary", () => {
  expect(settingsOf(given({ grid: ["train.lambda.max=0.1,1", "preset=paper,modern"] }))).toMatchObject({
    search: "grid",
    keys: ["train.lambda.max", "preset"],
    settings: { length: 4 },
  });
  const drawn = settingsOf(given({ random: "5", space: ["train.batch.source=4..64", "train.lambda.max=0..1"] }));
  expect(drawn).toMatchObject({ search: "random", settings: { length: 5 } });
  // The schema says that batches are whole and lambda is not.
  const values = drawn.settings.map(({ words }) => words.map((word) => Number(word.split("=")[1])));
  expect(values.every(([batch, lambda]) => Number.isInteger(batch) && !Number.isInteger(lambda))).toBe(true);
  const other = settingsOf(given({ random: "5", space: ["train.batch.source=4..64"], randomSeed: "1" }));
  expect(other.settings).not.toEqual(settingsOf(given({ random: "5", space: ["train.batch.source=4..64"] })).settings);
});

test.each<[Partial<GivenSweep>, string]>([
  [{}, "sweep: expected something to vary, got nothing"],
  [{ space: ["train.lambda.max=0..1"] }, "--space: expected --random N with it"],
  [{ grid: ["train.lambda.max=0,1"], randomSeed: "1" }, "--random-seed: expected --random N with it"],
  [{ random: "3" }, "--random: expected at least one --space"],
  [{ random: "3", grid: ["train.lambda.max=1,2"] }, "--random: expected --space with it, got --grid"],
  [{ random: "x", space: ["train.lambda.max=0..1"] }, "--random: expected a whole number of at least 1"],
  [{ grid: ["a=1", "a=2"] }, "--grid: expected each key once"],
])("%j is refused", (more, message) => expect(() => settingsOf(given(more))).toThrow(message));

test("what is varied cannot be given by a flag or by --set as well: it had no effect; under it lies what a file says", () => {
  const train = { lambda: { max: 3 }, steps: 9, batch: { source: 8, target: 8 } };
  const asked = (key: string, origin: string) => () =>
    refuseGiven(["preset", key], [{ origin, config: { train } }], "sweep.yaml");
  expect(asked("train.lambda.max", "--set")).toThrow("train.lambda.max: varied, and given by --set as well");
  expect(asked("train.steps", "command line")).toThrow("train.steps: varied, and given by --steps as well");
  expect(asked("train.steps", "sweep.yaml")).not.toThrow();
  // `--batch 8` is the target's batch still.
  expect(asked("train.batch.source", "command line")).not.toThrow();
});

test("rungs of steps or of epochs; without halving one, with no budget of its own", () => {
  expect(rungsFor(given({}), 9, base({ steps: 90 }))).toEqual([{ settings: 9, budget: null }]);
  expect(rungsFor(given({ halving: true }), 9, base({ steps: 90 }))).toEqual([
    { settings: 9, budget: { key: "train.steps", value: 10 } },
    { settings: 3, budget: { key: "train.steps", value: 30 } },
    { settings: 1, budget: { key: "train.steps", value: 90 } },
  ]);
  expect(rungsFor(given({ halving: true, eta: "2" }), 2, base({ epochs: 8 }))).toEqual([
    { settings: 2, budget: { key: "train.epochs", value: 4 } },
    { settings: 1, budget: { key: "train.epochs", value: 8 } },
  ]);
});

test.each<[Partial<GivenSweep>, number, object, string]>([
  [{ halving: true }, 2, {}, "--halving: expected at least 3 settings (--eta), got 2"],
  [{ halving: true }, 9, { epochs: 2 }, "--halving: expected at least 3 in train.epochs, got 2"],
  [{ halving: true, eta: "1" }, 9, {}, "--eta: expected a whole number of at least 2"],
  [{ eta: "2" }, 9, {}, "--eta: expected --halving with it"],
])("%j with %i settings and %j is refused", (more, settings, train, message) =>
  expect(() => rungsFor(given(more), settings, base(train))).toThrow(message),
);

test("seeds: --seeds, --seed, or those for tuning", () => {
  expect(seedsOf(base({}, { seeds: [4, 5] }), [])).toEqual([4, 5]);
  expect(seedsOf(base({ seed: 7 }), [{ origin: "command line", config: { train: { seed: 7 } } }])).toEqual([7]);
  expect(seedsOf(base({}), [])).toEqual([100, 101, 102]);
});

test("the winner's command has the flags, the words of --set and of the setting, and the seeds", () => {
  const flags = { source: "a b.csv", steps: "30", adabn: false, seeds: "1,2", set: ["train.rate.from=1e-3"] };
  const words = adaptWords(given(flags), ["train.lambda.max=1"], [1, 2], base({}, { seeds: [1, 2] }));
  expect(commandOf("dann adapt", words)).toBe(
    "dann adapt --source 'a b.csv' --steps 30 --no-adabn --set train.rate.from=1e-3 --set train.lambda.max=1 --seeds 1,2",
  );
  const sources = { source: ["a.csv", "b.csv"] };
  expect(adaptWords(given(sources), [], [7], base({}, { seeds: [7] })).slice(0, 4)).toEqual([
    ...["--source", "a.csv", "--source", "b.csv"],
  ]);
  expect(adaptWords(given({ seed: "7" }), [], [7], base({ seed: 7 }))).toEqual(["--seed", "7"]);
  // A file that names one seed names it in `seeds`.
  expect(adaptWords(given({ config: "c.yaml" }), [], [7], base({}, { seeds: [7] }))).toEqual([
    ...["--config", "c.yaml"],
    ...["--seeds", "7"],
  ]);
  const own = { grid: ["a=1,2"], random: "3", space: ["b=0..1"], randomSeed: "4", halving: true, eta: "2" };
  expect(commandOf("x", ownWords(given(own)))).toBe(
    "x --grid a=1,2 --random 3 --space b=0..1 --random-seed 4 --halving --eta 2",
  );
});
