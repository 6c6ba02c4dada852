/** `dann data build`: data sets that are made of others. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type Backgrounds, buildMnistM, type MnistMPart } from "../../data/build/mnist-m.ts";
import type { ImageDecoder } from "../../data/config.ts";
import { dataError, usageError } from "../../errors.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import type { BuildDocument } from "../documents.ts";
import { createOutput } from "../output.ts";
import { formatBytes } from "../render/progress.ts";

type Made = ReturnType<typeof makeCommand>;

export function buildCommand(): Made {
  const build = makeCommand("build", "build a data set from others");
  const mnistM = makeCommand("mnist-m", "MNIST-M: digits blended into photographs, as in the paper")
    .requiredOption("--mnist <folder>", "folder of MNIST: {train,t10k}-images-idx3-ubyte[.gz] and their labels")
    .option("--patches <folder>", "folder of {train,val}-patches-idx4-ubyte[.gz], cut from photographs")
    .option("--photos <folder>", "folder of photographs in train and val: every digit gets a crop of its own")
    .requiredOption("--out <folder>", "where to write")
    .option("--seed <n>", "decides which patch or crop each digit gets", "0")
    .option("--decoder <name>", "what decodes photographs: auto, sharp or javascript")
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .action(async (given: unknown) => runBuild(given as BuildOptions));
  build.addCommand(mnistM as unknown as Made);
  return build;
}

interface BuildOptions {
  readonly mnist: string;
  readonly patches?: string;
  readonly photos?: string;
  readonly out: string;
  readonly seed: string;
  readonly decoder?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

async function runBuild(given: BuildOptions): Promise<void> {
  const output = createOutput(given);
  const seed = Number(given.seed);
  if (!Number.isInteger(seed) || seed < 0)
    throw usageError("flag-value", `--seed: expected a whole number of at least 0, got "${given.seed}"`);
  const decoder = decoderOf(given);
  if ((given.patches === undefined) === (given.photos === undefined)) {
    throw usageError(
      "flag-value",
      `expected one of --patches and --photos, got ${given.photos === undefined ? "none" : "both"}`,
      "Both come with: dann data fetch bsds500",
    );
  }
  const part = async (name: "train" | "test", digits: string, photographs: string): Promise<MnistMPart> => ({
    name,
    images: await found(given.mnist, `${digits}-images-idx3-ubyte`),
    labels: await found(given.mnist, `${digits}-labels-idx1-ubyte`),
    backgrounds: await backgroundsOf(given, photographs),
  });
  // No photograph is in both parts (design of the paper's own set).
  const { paths, decodedBy } = await buildMnistM(
    [await part("train", "train", "train"), await part("test", "t10k", "val")],
    given.out,
    { seed, decoder },
  );
  const files = await Promise.all(paths.map(async (path) => ({ path, bytes: (await stat(path)).size })));
  const document: BuildDocument = { schema: 1, built: "mnist-m", seed, decoder: decodedBy ?? null, files };
  output.document(document);
  for (const { path, bytes } of files) output.result(`${path} (${formatBytes(bytes)})\n`);
}

function decoderOf({ decoder, photos }: BuildOptions): ImageDecoder {
  if (decoder === undefined) return "auto";
  if (photos === undefined)
    throw usageError("flag-value", "--decoder: expected --photos with it, got none", "Patches are decoded already.");
  if (decoder === "auto" || decoder === "sharp" || decoder === "javascript") return decoder;
  throw usageError("flag-value", `--decoder: expected auto, sharp or javascript, got "${decoder}"`);
}

const backgroundsOf = async ({ patches = "", photos }: BuildOptions, name: string): Promise<Backgrounds> =>
  photos === undefined
    ? { kind: "patches", path: await found(patches, `${name}-patches-idx4-ubyte`) }
    : { kind: "photos", folder: join(photos, name) };

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
    "Check --mnist and --patches, or get the files: dann data fetch mnist bsds500",
  );
}
