import { expect, test } from "vitest";
import { createStopwatch, spentBefore, timesOf } from "./stopwatch.ts";

test("time goes to what is being done, and comes back to what was done before, also after an error", async () => {
  let clock = 0;
  const pass = (seconds: number): void => {
    clock += 1000 * seconds;
  };
  const watch = createStopwatch({ training: 100, evaluation: 10, rest: 1 }, () => clock);
  pass(2);
  await watch.during("training", async () => {
    pass(3);
    await watch.during("evaluation", async () => pass(5));
    // A checkpoint in the middle of a training sees what was spent until then.
    expect(watch.spent()).toEqual({ training: 103, evaluation: 15, rest: 3 });
    pass(7);
  });
  const failing = watch.during("evaluation", async () => {
    pass(11);
    throw new Error("lost");
  });
  await expect(failing).rejects.toThrow("lost");
  pass(13);
  expect(watch.spent()).toEqual({ training: 110, evaluation: 26, rest: 16 });
  expect(timesOf(watch).seconds).toBe(clock / 1000 + 111);
});

test("a progress that knows only the whole is the rest", () => {
  expect(spentBefore(undefined)).toBeUndefined();
  expect(spentBefore({ seconds: 7 })).toEqual({ training: 0, evaluation: 0, rest: 7 });
});
