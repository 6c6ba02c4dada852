/**
 * README and tutorials are run: the blocks of a page in order, in an empty folder where the built package is installed.
 * `ts` blocks are type-checked too; what a block prints must read as the page shows it. A block that cannot run here
 * says why: ```sh skip: needs a fresh clone. Python blocks say so, too, and run where there is a Python with PyTorch.
 */
import { execFile, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Block, blocksOf, readsLike } from "./support/markdown.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const run = promisify(execFile);
let folder = "";

beforeAll(() => {
  if (!existsSync(join(root, "dist/index.js")))
    throw new Error("expected the built package in dist; run npm run build");
  folder = mkdtempSync(join(tmpdir(), "dann-docs-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder in which `import "dann"`, `npx dann` and TypeScript work as for somebody who has installed the package. */
function project(name: string): string {
  const path = join(folder, name.replace(/\W+/g, "-"));
  mkdirSync(join(path, "node_modules/.bin"), { recursive: true });
  mkdirSync(join(path, "node_modules/@types"));
  symlinkSync(root, join(path, "node_modules/dann"));
  // npm makes the file of a `bin` executable when it installs; the build does not.
  const shim = `#!/bin/sh\nexec "${process.execPath}" "${join(root, "dist/cli/main.js")}" "$@"\n`;
  writeFileSync(join(path, "node_modules/.bin/dann"), shim, { mode: 0o755 });
  symlinkSync(join(root, "node_modules/@types/node"), join(path, "node_modules/@types/node"));
  writeFileSync(join(path, "package.json"), '{ "type": "module", "private": true }');
  return path;
}

const nameOf = (block: Pick<Block, "line">): string => `block-${block.line}.ts`;
/** A Python that has PyTorch. */
const python = ["python3", "/usr/bin/python3"].find(
  (command) => spawnSync(command, ["-c", "import torch"], { stdio: "ignore" }).status === 0,
);
const runs = (block: Block): boolean =>
  block.language === "python"
    ? python !== undefined
    : /^(ts|sh)$/.test(block.language) && !block.info.startsWith("skip:");

/** How a block is run. */
function commandOf({ language, code, line }: Block): [string, string[]] {
  if (language === "python") return [python ?? "python3", ["-c", code]];
  if (language === "sh") return ["bash", ["-euo", "pipefail", "-c", code]];
  return [process.execPath, ["--import", join(root, "node_modules/tsx/dist/loader.mjs"), nameOf({ line })]];
}

describe.each(pages)("%s", (page) => {
  const blocks = blocksOf(readFileSync(join(root, page), "utf8"));

  test("says why a block is skipped", () => {
    for (const { info, line } of blocks.filter(({ language }) => /^(ts|sh|python)$/.test(language)))
      expect(info, `${page}:${line}`).toMatch(/^$|^skip: \w/);
  });

  test.skipIf(!blocks.some(runs))(
    "its blocks run and print what it shows",
    async () => {
      const cwd = project(page);
      const code = blocks.filter((block) => runs(block) && block.language === "ts");
      for (const block of code) writeFileSync(join(cwd, nameOf(block)), block.code);
      if (code.length > 0) await typecheck(cwd, code.map(nameOf));
      for (const block of blocks.filter(runs)) {
        const env = { ...process.env, PATH: `${join(cwd, "node_modules/.bin")}:${process.env.PATH}`, NO_COLOR: "1" };
        const [command, args] = commandOf(block);
        const { stdout } = await run(command, args, { cwd, env }).catch((error: { stdout: string; stderr: string }) => {
          throw new Error(`${page}:${block.line} failed\n${error.stdout}\n${error.stderr}`);
        });
        if (block.output !== undefined && !readsLike(stdout, block.output))
          expect(stdout, `${page}:${block.line}`).toBe(block.output);
      }
    },
    240_000,
  );
});

async function typecheck(cwd: string, files: readonly string[]): Promise<void> {
  const options = {
    target: "ES2023",
    module: "NodeNext",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
  };
  writeFileSync(join(cwd, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files }));
  await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", cwd]).catch(
    ({ stdout }: { stdout: string }) => {
      throw new Error(`the blocks do not type-check\n${stdout}`);
    },
  );
}
