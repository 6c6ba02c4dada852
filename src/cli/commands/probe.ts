/** `dann probe`: how far apart two data sets are, before any training. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openBackend } from "#runtime";
import { networkSource } from "../../adapt/adapt.ts";
import { rowsFor } from "../../adapt/backbone-input.ts";
import { readInputs } from "../../adapt/inputs.ts";
import { cacheOf } from "../../adapt/plan-run.ts";
import { resolveRun } from "../../config/resolve.ts";
import { writeAtomic } from "../../data/atomic.ts";
import { openEncoder } from "../../data/images/encoders.ts";
import type { ProbeDocument } from "../../probe/document.ts";
import { gridOf } from "../../probe/grid.ts";
import { type Extremes, probe } from "../../probe/probe.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import { adaptFlags, addFlags, flagFor, imageFlags, nameOf, readFlags } from "../flags.ts";
import { catchInterrupt } from "../interrupt.ts";
import { layersOf, refuseDevices } from "../layers.ts";
import { createOutput } from "../output.ts";
import { renderProbe } from "../render/probe.ts";
import { wordsOf } from "../words.ts";

/** Of `adapt`'s flags those that say what the rows are, with the engine of a backbone. */
const ownNames: ReadonlySet<string> = new Set([
  ...["--source", "--target", "--source-labels"],
  ...["--backbone", "--features", "--tokenizer", "--max-tokens"],
  ...["--seed", "--device", "--threads"],
]);
const probeFlags = [...adaptFlags.filter((flag) => ownNames.has(nameOf(flag))), ...readFlags, ...imageFlags].map(
  (flag) =>
    nameOf(flag) === "--backbone"
      ? { ...flag, help: "a trained network (ONNX): the domains are compared by its features instead of the rows" }
      : flag,
);

interface ProbeOptions extends Readonly<Record<string, unknown>> {
  readonly run?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function command(): ReturnType<typeof makeCommand> {
  const made = makeCommand("probe", "before any training: how far apart two data sets are, by what, and what to do");
  addFlags(made, probeFlags);
  made
    .option("--run <folder>", "a finished run, whose model estimates the shares of the classes in the target")
    .option("--out <folder>", "where probe.json goes, and of images grids of the most source-like and target-like")
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .addHelpText(
      "after",
      `
Examples:
  dann probe --source clinic-a.csv --source-labels diagnosis --target clinic-b.csv
  dann probe --source camera-a --target camera-b --image-size 32x32 --out looks
  dann probe --source camera-a --target camera-b --backbone resnet18.onnx
  dann probe --source clinic-a.csv --target clinic-c.csv --run runs/clinic-a-to-clinic-b-dann-s0

Labels are not needed; those of the source are only counted. docs/probe.md explains the numbers.`,
    )
    .action(async (given: unknown) => run(given as ProbeOptions));
  return made as unknown as ReturnType<typeof makeCommand>;
}

async function run(given: ProbeOptions): Promise<void> {
  const output = createOutput(given);
  const layers = await layersOf(given, probeFlags);
  refuseDevices(layers);
  const config = resolveRun(layers, flagFor);
  const { data, network, train } = config;
  const rows = await rowsFor(network.backbone, data.preprocess);
  const { source, target } = await readInputs({ ...data, preprocess: rows.preprocess });
  const interrupt = catchInterrupt(output.note);
  try {
    const { document, extremes } = await probe({
      ...{ source, target, read: data.read, preprocess: rows.preprocess, tokens: rows.tokens },
      network: networkSource(config),
      cache: cacheOf(config),
      run: given.run,
      seed: train.seed,
      threads: train.threads,
      backend: () => openBackend(train.device),
      signal: interrupt.signal,
      report: (done, total) => output.progress.busy(`features of ${done} of ${total} rows`),
    });
    output.progress.clear();
    const written = given.out === undefined ? document : await write(given.out, document, extremes);
    output.document(written);
    output.result(renderProbe(written, wordsOf(probeFlags.filter(ofAdapt), given), output.paint));
  } finally {
    interrupt.release();
  }
}

/** What a command of `adapt` that is suggested takes over: not the seed and the engine of the probe. */
const ofAdapt = (flag: (typeof probeFlags)[number]): boolean => !/^train\./.test(flag.key);

async function write(out: string, document: ProbeDocument, extremes: Extremes | undefined): Promise<ProbeDocument> {
  await mkdir(out, { recursive: true });
  const files: string[] = [];
  if (extremes !== undefined) {
    const encoder = await openEncoder();
    for (const [name, images] of [
      ["most-source-like.png", extremes.sourceLike],
      ["most-target-like.png", extremes.targetLike],
    ] as const) {
      await writeAtomic(join(out, name), await encoder.encode(gridOf(images)));
      files.push(name);
    }
  }
  files.push("probe.json");
  const whole = { ...document, files };
  await writeAtomic(join(out, "probe.json"), new TextEncoder().encode(`${JSON.stringify(whole, undefined, 2)}\n`));
  return whole;
}
