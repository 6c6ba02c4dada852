import { expect, test } from "vitest";
import { moons } from "../data/synthetic/moons.ts";
import { dataSets } from "./data-sets.ts";
import { loadTask } from "./load-task.ts";
import type { Task } from "./suite.ts";

const { source, target } = moons({ rows: 10, rotation: 0, seed: 0 });
const { labels: _, ...unlabelled } = target;
const load = (given: unknown): Promise<unknown> =>
  loadTask({ name: "own", load: async () => given } as unknown as Task, dataSets({ cache: false }), 0);

test("data of a task come as they are", async () => {
  const data = { source, target: unlabelled, targetTest: target };
  expect(await load(data)).toBe(data);
});

test.each([
  [undefined, "task own: what its load gives: expected a group of keys, got nothing"],
  [{ source }, "task own: what its load gives: target: expected a group of keys, got nothing"],
  [{ source: { rows: [[1]] }, target }, "task own: what its load gives: source.rows: expected a group of keys"],
  [{ source, target: unlabelled }, "task own: expected labels of the target's rows, which score, got none"],
  [{ source, target, targetTest: unlabelled }, "task own: expected labels of the target's rows, which score, got none"],
  [{ source: unlabelled, target }, "task own: expected labels of the source's rows, got none"],
])("%o is told by its place", async (data, message) => {
  await expect(load(data)).rejects.toThrow(message);
});
