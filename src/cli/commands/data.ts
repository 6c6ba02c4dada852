/** `dann data`: look at data sets, convert them, and build the ones that are made of others. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { buildMnistM } from "../../data/build/mnist-m.ts";
import { dataError, usageError } from "../../errors.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import type { BuildDocument } from "../documents.ts";
import { createOutput } from "../output.ts";
import { formatBytes } from "../render/progress.ts";
import { convertCommand } from "./data-convert.ts";
import { inspectCommand } from "./data-inspect.ts";

type Made = ReturnType<typeof makeCommand>;

export function command(): Made {
  const data = makeCommand("data", "inspect, convert and build data sets");
  data.addCommand(inspectCommand());
  data.addCommand(convertCommand());
  data.addCommand(buildCommand());
  return data;
}

function buildCommand(): Made {
  const build = makeCommand("build", "build a data set from others");
  const mnistM = makeCommand("mnist-m", "MNIST-M: digits blended into photographs, as in the paper")
    .requiredOption("--mnist <folder>", "folder of MNIST: {train,t10k}-images-idx3-ubyte[.gz] and their labels")
    .requiredOption("--patches <folder>", "folder of {train,val}-patches-idx4-ubyte[.gz], cut from photographs")
    .requiredOption("--out <folder>", "where to write")
    .option("--seed <n>", "decides which patch each digit gets", "0")
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .action(async (given: unknown) => runBuild(given as BuildOptions));
  build.addCommand(mnistM as unknown as Made);
  return build;
}

interface BuildOptions {
  readonly mnist: string;
  readonly patches: string;
  readonly out: string;
  readonly seed: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

async function runBuild(given: BuildOptions): Promise<void> {
  const output = createOutput(given);
  const seed = Number(given.seed);
  if (!Number.isInteger(seed) || seed < 0)
    throw usageError("flag-value", `--seed: expected a whole number of at least 0, got "${given.seed}"`);
  const part = async (
    name: "train" | "test",
    digits: string,
    patches: string,
  ): Promise<Parameters<typeof buildMnistM>[0][number]> => ({
    name,
    images: await found(given.mnist, `${digits}-images-idx3-ubyte`),
    labels: await found(given.mnist, `${digits}-labels-idx1-ubyte`),
    patches: await found(given.patches, `${patches}-patches-idx4-ubyte`),
  });
  // No photograph is in both parts (design of the paper's own set).
  const paths = await buildMnistM(
    [await part("train", "train", "train"), await part("test", "t10k", "val")],
    given.out,
    { seed },
  );
  const files = await Promise.all(paths.map(async (path) => ({ path, bytes: (await stat(path)).size })));
  const document: BuildDocument = { schema: 1, built: "mnist-m", seed, files };
  output.document(document);
  for (const { path, bytes } of files) output.result(`${path} (${formatBytes(bytes)})\n`);
}

/** The file as it is or gzipped. */
async function found(folder: string, name: string): Promise<string> {
  for (const path of [join(folder, name), join(folder, `${name}.gz`)]) {
    if (
      await stat(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw dataError(
    "file-not-found",
    `${folder}: expected ${name} or ${name}.gz, got neither`,
    "Check --mnist and --patches.",
  );
}
