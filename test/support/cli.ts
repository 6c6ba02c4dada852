/**
 * Spawns the command line as a user does: the built JavaScript under plain Node. The build goes to a cache named by a
 * hash of the sources, so that test files share it and a change of the sources makes a new one.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const cache = join(root, "node_modules/.cache/dann-test");

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? sources(path) : path.endsWith(".test.ts") ? [] : [path];
  });
}

/** The folder of a built package like the installed one. */
function build(): string {
  const hash = createHash("sha256");
  for (const path of sources(join(root, "src")).sort()) hash.update(path).update(readFileSync(path));
  const folder = join(cache, hash.digest("hex").slice(0, 16));
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(join(cache, "making-"));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const options = ["-p", join(root, "tsconfig.build.json"), "--outDir", join(making, "dist"), "--declaration", "false"];
  const compiled = spawnSync(process.execPath, [compiler, ...options], { encoding: "utf8" });
  // Types are for `npm run check`: what was emitted is what these tests are about.
  if (!existsSync(join(making, "dist/cli/main.js"))) throw new Error(`nothing was built:\n${compiled.stdout}`);
  writeFileSync(join(making, "package.json"), readFileSync(join(root, "package.json")));
  symlinkSync(join(root, "demo"), join(making, "demo"));
  try {
    renameSync(making, folder);
  } catch {
    // Another test file was faster.
    rmSync(making, { recursive: true, force: true });
  }
  return folder;
}

let built: string | undefined;
export const mainScript = (): string => {
  built ??= build();
  return join(built, "dist/cli/main.js");
};

export interface Ran {
  readonly code: number | null;
  /** What ended it, where it did not end by itself. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the process: to send it a signal. */
  readonly started?: (child: ChildProcess) => void;
}

/** Runs `dann ARGS` to its end. */
export function dann(args: readonly string[], { cwd = root, env = {}, started }: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [mainScript(), ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", XDG_CACHE_HOME: join(tmpdir(), "dann-test-cache"), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started?.(child);
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8");
    child[name].on("data", (block: string) => {
      text[name] += block;
    });
  }
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code, signal) => done({ code, signal, ...text }));
  });
}

/** A folder of its own for one test file. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "dann-test-"));

/** Two clinics: the same measurements, shifted, and a category. 120 rows each unless told otherwise. */
export function clinics(folder: string, rows = 120): { readonly a: string; readonly b: string; readonly c: string } {
  const csv = (shift: number, from: number): string => {
    let text = "patient,age,pressure,sex,diagnosis\n";
    for (let i = 0; i < rows; i++) {
      const sick = i % 2 === 0;
      // A fixed irrational rotation instead of chance: spread evenly, the same everywhere.
      const [u, v] = [((i + from) * 0.6180339887) % 1, ((i + from) * 0.7548776662) % 1];
      const age = 40 + 20 * u + (sick ? 12 : 0) + shift;
      const pressure = 110 + 30 * v + (sick ? 25 : 0) - shift;
      text += `p${from + i},${age.toFixed(1)},${pressure.toFixed(1)},${i % 3 === 0 ? "f" : "m"},${sick ? "sick" : "well"}\n`;
    }
    return text;
  };
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  return {
    a: write("a.csv", csv(0, 0)),
    b: write("b.csv", csv(6, 1000)),
    c: write("c.csv", csv(6, 5000)),
  };
}

/** Flags of a run of a second or two on the clinics. */
export const quickRun = (files: { readonly a: string; readonly b: string }, out: string): string[] => [
  "adapt",
  ...["--source", files.a, "--source-labels", "diagnosis", "--target", files.b, "--id", "patient"],
  ...["--steps", "40", "--batch", "16", "--out", out],
];
