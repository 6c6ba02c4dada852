import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRunFolder, freeName, refuseOccupied, reopenRunFolder } from "./run-folder.ts";

let place = "";
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "dann-run-"));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

test("a run's files are written whole; nothing unfinished stays", async () => {
  const folder = await createRunFolder(join(place, "run"));
  await folder.write("config.yaml", "a: 1\n");
  await folder.event({ type: "start" });
  await folder.log("line");
  await folder.release();
  expect(readdirSync(folder.path).sort()).toEqual(["checkpoint", "config.yaml", "log.txt", "metrics.jsonl"]);
  expect(readFileSync(join(folder.path, "metrics.jsonl"), "utf8")).toBe('{"type":"start"}\n');
});

test("what a killed process left unfinished is removed, and events after the checkpoint are cut off", async () => {
  const path = join(place, "run");
  const first = await createRunFolder(path);
  await first.event({ n: 1 });
  const kept = first.metricsLength();
  await first.event({ n: 2 });
  await first.release();
  writeFileSync(join(path, ".model.onnx.77-0.tmp"), "half");
  const second = await reopenRunFolder(path, kept);
  await second.event({ n: 3 });
  await second.release();
  expect(readFileSync(join(path, "metrics.jsonl"), "utf8")).toBe('{"n":1}\n{"n":3}\n');
  expect(existsSync(join(path, ".model.onnx.77-0.tmp"))).toBe(false);
});

test("a folder that holds something is refused, with the way on", async () => {
  writeFileSync(join(place, "notes.txt"), "");
  await expect(refuseOccupied(place)).rejects.toThrow("got one that holds files");
  writeFileSync(join(place, "config.yaml"), "");
  await expect(refuseOccupied(place)).rejects.toMatchObject({
    kind: "usage",
    remedy: expect.stringContaining(`--resume ${place}`),
  });
  await expect(refuseOccupied(join(place, "notes.txt"))).rejects.toThrow("got a file");
});

test("the lock of a living process holds, that of a dead one is taken over", async () => {
  const path = join(place, "run");
  await (await createRunFolder(path)).release();
  writeFileSync(join(path, ".lock"), String(process.ppid));
  await expect(reopenRunFolder(path, 0)).rejects.toThrow("another process");
  // Above the largest process number of Linux: nobody.
  writeFileSync(join(path, ".lock"), "4194999");
  await (await reopenRunFolder(path, 0)).release();
});

test("a free name", async () => {
  expect(await freeName(join(place, "a"))).toBe(join(place, "a"));
  writeFileSync(join(place, "a"), "");
  writeFileSync(join(place, "a-2"), "");
  expect(await freeName(join(place, "a"))).toBe(join(place, "a-3"));
});

test("a file of the run that cannot be opened is an error of writing, with the path", async () => {
  const path = join(place, "run");
  await (await createRunFolder(path)).release();
  rmSync(join(path, "log.txt"));
  mkdirSync(join(path, "log.txt"));
  await expect(reopenRunFolder(path, 0)).rejects.toThrow(`${path}: cannot be written (EISDIR)`);
});
