import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { dataSets, missingSets } from "./data-sets.ts";
import type { Task } from "./suite.ts";

test("a folder without files, as a refused fetch leaves it, hides no set elsewhere and is none", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dann-sets-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [cache, data] = [join(folder, "cache"), join(folder, "data")];
  mkdirSync(join(cache, "data", "one"), { recursive: true });
  writeFileSync(join(cache, "data", "one", ".fetched.json"), "{}");
  mkdirSync(join(data, "one"), { recursive: true });
  const sets = dataSets({ cache, data });
  await expect(sets.folder("one")).rejects.toMatchObject({ code: "missing-set" });
  expect(await missingSets({ needs: ["one", "two"] } as unknown as Task, sets)).toEqual(["one", "two"]);
  writeFileSync(join(cache, "data", "one", "rows.csv"), "1");
  expect(await sets.folder("one")).toBe(join(cache, "data", "one"));
  // What a user names comes first: an interrupted fetch may have left a part in the cache.
  writeFileSync(join(data, "one", "rows.csv"), "1");
  expect(await sets.folder("one")).toBe(join(data, "one"));
});
