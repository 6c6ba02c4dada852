import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { claimFolder, holderOf, isClaimed } from "./claim.ts";
import { createRunFolder } from "./run-folder.ts";

let place = "";
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "dann-claim-"));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const lock = (name = ".lock"): string => join(place, name);
const locks = (): string[] => readdirSync(place).filter((name) => name.startsWith(".lock"));
const linux = process.platform === "linux";

test("one claim at a time, given back without a trace", async () => {
  const first = await claimFolder(place);
  expect(await first.held()).toBe(true);
  expect(await holderOf(place)).toMatchObject({ pid: process.pid, host: hostname() });
  await expect(claimFolder(place)).rejects.toMatchObject({ code: "run-locked", kind: "usage" });
  await first.release();
  expect([locks(), await first.held(), await holderOf(place)]).toEqual([[], false, undefined]);
  await (await claimFolder(place)).release();
});

test("of many that see one dead claim exactly one takes it over", async () => {
  for (let round = 0; round < 20; round++) {
    writeFileSync(lock(), "4194999\n");
    const claims = await Promise.allSettled(Array.from({ length: 8 }, () => claimFolder(place)));
    const won = claims.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(won).toHaveLength(1);
    expect(await won[0]?.held()).toBe(true);
    expect(claims.every((one) => one.status === "fulfilled" || isClaimed(one.reason))).toBe(true);
    expect(locks()).toEqual([".lock-2"]);
    await won[0]?.release();
    expect(locks()).toEqual([]);
  }
});

test.runIf(linux)("a number that another process has by now is no claim", async () => {
  writeFileSync(lock(), `${process.ppid}\nanother-boot/17\n${hostname()}\nmark\n`);
  expect(await holderOf(place)).toBeUndefined();
  await (await claimFolder(place)).release();
});

test("of another machine nothing can be told: its claim stands", async () => {
  writeFileSync(lock(), "4194999\n\nelsewhere\nmark\n");
  await expect(claimFolder(place)).rejects.toThrow("(4194999 on elsewhere)");
});

test("a claim without a word was cut off in the making, and is taken over", async () => {
  writeFileSync(lock(), "");
  await (await claimFolder(place)).release();
});

test("a claim that was lost writes nothing, and its release leaves the new one alone", async () => {
  const run = join(place, "run");
  const folder = await createRunFolder(run);
  await folder.write("config.yaml", "mine\n");
  const length = folder.metricsLength();
  // As after a long sleep: the lock was removed, and another living process is at it.
  writeFileSync(join(run, ".lock"), `${process.ppid}\n\n${hostname()}\nanother\n`);
  const lost = { code: "run-lost" };
  await expect(folder.write("config.yaml", "late\n")).rejects.toMatchObject(lost);
  await expect(folder.event({ late: true })).rejects.toMatchObject(lost);
  await expect(folder.log("late")).rejects.toMatchObject(lost);
  await expect(folder.remove("config.yaml")).rejects.toMatchObject(lost);
  await folder.release();
  expect(readFileSync(join(run, "config.yaml"), "utf8")).toBe("mine\n");
  expect(readFileSync(join(run, "metrics.jsonl"))).toHaveLength(length);
  expect(readdirSync(run).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  expect(readFileSync(join(run, ".lock"), "utf8")).toContain("another");
});

test("a run whose lock was taken away says that", async () => {
  const run = join(place, "run");
  const folder = await createRunFolder(run);
  rmSync(join(run, ".lock"));
  await expect(folder.write("config.yaml", "late\n")).rejects.toThrow("the folder or its lock was removed");
  expect(existsSync(join(run, "config.yaml"))).toBe(false);
  await folder.release();
});
