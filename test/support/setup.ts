/** Runs in every test file: a test that prints hides something, so a call of the console fails it. */
import { afterEach, beforeEach, expect, type MockInstance, vi } from "vitest";

const methods = ["log", "info", "warn", "error", "debug"] as const;
let spies: readonly MockInstance[] = [];

beforeEach(() => {
  spies = methods.map((method) => vi.spyOn(console, method));
});

afterEach(() => {
  const calls = spies.flatMap((spy) => spy.mock.calls);
  for (const spy of spies) spy.mockRestore();
  expect(calls, "the console was called").toEqual([]);
});
