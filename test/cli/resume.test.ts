/** A run killed at any moment and resumed gives the bits of a run that was not (design 6.6). */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { random } from "../../src/random.ts";
import { clinics, dann, quickRun, temporaryFolder } from "../support/cli.ts";
import { fingerprint, killAfter } from "../support/resume.ts";

const folder = temporaryFolder();
const files = clinics(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Long enough to be hit in the middle; dropout, so that noise has to be resumed as well. */
const long = (out: string): string[] => [
  ...quickRun(files, out),
  ...[
    "--target-labels",
    "diagnosis",
    "--steps",
    "1200",
    "--set",
    "train.checkpointEvery=30",
    "--set",
    "train.logEvery=7",
  ],
  ...["--set", "network.options.dropout=0.2", "--quiet"],
];

let whole: Record<string, unknown> = {};
let length = 0;
beforeAll(async () => {
  const out = join(folder, "whole");
  const ran = await dann(long(out));
  expect(ran.code, ran.stderr).toBe(0);
  whole = fingerprint(out);
  length = readFileSync(join(out, "metrics.jsonl"), "utf8").split("\n").length;
}, 120_000);

describe("kill -9 at a random moment", () => {
  // A share of the run's events: early, late and in all trainings over the list.
  const chance = random("kill");
  test.each(Array.from({ length: 5 }, (_, i) => [i, (i + chance.uniform()) / 5]))(
    "number %i, at %f of the run",
    async (i, share) => {
      const out = join(folder, `killed-${i}`);
      const killed = await killAfter(long(out), out, Math.max(2, Math.floor(share * length)), "SIGKILL");
      expect(killed.code).toBe(null);
      expect(existsSync(join(out, "result.json"))).toBe(false);
      const resumed = await dann(["adapt", "--resume", out, "--quiet"]);
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(fingerprint(out)).toEqual(whole);
      expect(readdirSync(out).filter((name) => name.startsWith("."))).toEqual([]);
    },
  );
});

test("killed twice, and the second time in the middle of what was resumed", async () => {
  const out = join(folder, "twice");
  await killAfter(long(out), out, Math.floor(0.3 * length), "SIGKILL");
  await killAfter(["adapt", "--resume", out, "--quiet"], out, Math.floor(0.6 * length), "SIGKILL");
  const resumed = await dann(["adapt", "--resume", out, "--quiet"]);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(fingerprint(out)).toEqual(whole);
});

test("Ctrl-C writes a checkpoint, exits with 130 and says how to go on; the rest gives the same bits", async () => {
  const out = join(folder, "interrupted");
  const stopped = await killAfter(long(out), out, Math.floor(0.4 * length), "SIGINT");
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toMatch(
    /error\[interrupted\]: interrupted at step \d+ of [a-z-]+, checkpoint written\n {2}Go on with: dann adapt --resume /,
  );
  const resumed = await dann(["adapt", "--resume", out, "--quiet"]);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(fingerprint(out)).toEqual(whole);
});

test("a second Ctrl-C ends it at once, with nothing said by native code; what was kept goes on", async () => {
  const out = join(folder, "at-once");
  // Layers so wide that the second signal comes before the first one's checkpoint is written.
  const wide = ["--set", "network.options.hidden=[1000, 1000]", "--set", "train.checkpointEvery=10", "--no-adabn"];
  const stopped = await dann([...quickRun(files, out), ...wide], {
    started(child) {
      let said = "";
      child.stderr?.on("data", (text: string) => {
        said += text;
        if (said.includes("once more to stop at once")) child.kill("SIGINT");
      });
      const timer = setInterval(() => {
        if (!existsSync(join(out, "checkpoint", "progress.json"))) return;
        clearInterval(timer);
        child.kill("SIGINT");
      }, 2);
      child.on("close", () => clearInterval(timer));
    },
  });
  // Shells call this end 130.
  expect([stopped.code, stopped.signal], stopped.stderr).toEqual([null, "SIGINT"]);
  expect(stopped.stderr).toMatch(/once more to stop at once\s*$/);
  const resumed = await dann(["adapt", "--resume", out, "--quiet"]);
  expect(resumed.code, resumed.stderr).toBe(0);
});

test("changed data are noticed", async () => {
  const own = temporaryFolder();
  const changed = clinics(own);
  const out = join(own, "run");
  await killAfter(
    long(out).map((arg) => (arg === files.b ? changed.b : arg)),
    out,
    Math.floor(0.3 * length),
    "SIGKILL",
  );
  clinics(own, 118);
  const resumed = await dann(["adapt", "--resume", out]);
  expect(resumed.code).toBe(3);
  expect(resumed.stderr).toContain("the data are not those that the run began with");
  rmSync(own, { recursive: true, force: true });
});

test("a finished run is shown again; flags beside --resume are refused", async () => {
  const out = join(folder, "whole");
  const again = await dann(["adapt", "--resume", out, "--json"]);
  expect(again.code).toBe(0);
  expect(JSON.parse(again.stdout)).toEqual(JSON.parse(readFileSync(join(out, "result.json"), "utf8")));
  const other = await dann(["adapt", "--resume", out, "--steps", "9"]);
  expect(other.code).toBe(2);
  expect(other.stderr).toContain("got also --steps");
});
