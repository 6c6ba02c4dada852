/** Every example runs as its reader runs it; each ends in a gate of its own and fails below it. */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { gate } from "../examples/gate.ts";

const folder = fileURLToPath(new URL("../examples", import.meta.url));
const examples = readdirSync(folder).filter((name) => /^\d\d-.*\.ts$/.test(name));
const run = promisify(execFile);

test("there are examples, numbered without a gap", () => {
  expect(examples.map((name) => Number(name.slice(0, 2)))).toEqual(examples.map((_, i) => i + 1));
  expect(examples.length).toBeGreaterThan(2);
});

test("a gate that is missed fails", () => {
  expect(() => gate("accuracy", 0.5, 0.6)).toThrow("accuracy: expected at least 0.6, got 0.5");
  expect(() => gate("accuracy", Number.NaN, 0)).toThrow("got NaN");
});

test.each(examples)(
  "%s",
  async (name) => {
    const { stdout } = await run(process.execPath, ["-C", "dann-source", "--import", "tsx", join(folder, name)]);
    expect(stdout).not.toBe("");
  },
  240_000,
);
