/** `dann adapt`: the main job. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { planRun } from "../../adapt/plan-run.ts";
import { runFiles } from "../../adapt/run-folder.ts";
import { type Layer, resolveRun, savedRefinement, savedRun } from "../../config/resolve.ts";
import type { RunConfig } from "../../config/schema.ts";
import { usageError } from "../../errors.ts";
import { makeCommand, trainingFlags } from "../command.ts";
import { showDryRun } from "../dry-run.ts";
import { adaptFlags, addFlags, flagFor, nameOf } from "../flags.ts";
import { catchInterrupt } from "../interrupt.ts";
import { type LayerOptions, layersOf, refuseDevices } from "../layers.ts";
import { createOutput, type Output } from "../output.ts";
import { renderResult } from "../render/result.ts";
import { renderSeeds } from "../render/seeds.ts";
import { checkAdaptation, placeOf, refuseDiverged, trainRun } from "../run-adapt.ts";
import { fromOf, refine, refineFlags, resumeRefinement } from "../run-refine.ts";
import { readResult, runSeeds } from "../run-seeds.ts";

interface OwnOptions extends LayerOptions {
  readonly resume?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

export function command(): ReturnType<typeof makeCommand> {
  const adapt = makeCommand("adapt", "train a classifier for the target: source-only and adapted, compared and judged");
  addFlags(adapt, [...adaptFlags, ...refineFlags]);
  adapt
    .option("--config <file>", "configuration (YAML or JSON); flags win over it")
    .option("--resume <run>", "go on with an interrupted run, to the same bits");
  return trainingFlags(
    adapt,
    "any key of the configuration, such as train.lambda.max=0.5; repeatable",
    "check everything and say what would be done",
  )
    .addHelpText(
      "after",
      `
Examples:
  dann adapt --source clinic-a.csv --source-labels diagnosis --target clinic-b.csv
  dann adapt --source mnist-images-idx3-ubyte.gz --source-labels mnist-labels-idx1-ubyte.gz \\
    --target photos-images-idx4-ubyte.gz --preset paper --epochs 12 --seeds 0,1,2
  dann adapt --source books.csv --source-labels stars --target knives.csv --text review
  dann adapt --source books.csv --source-labels stars --target knives.csv --text review \\
    --backbone encoder.onnx --tokenizer tokenizer.json
  dann adapt --source lab.csv --source-labels activity --target street.csv --group person --window 128 --hop 64
  dann adapt --resume runs/clinic-a-to-clinic-b-dann-s0
  dann adapt --from runs/clinic-a-to-clinic-b-dann-s0 --target clinic-c.csv --method shot

Labels of the target (--target-labels) only score: they choose nothing. For svmlight files, whose rows carry
labels, ask for them with --target-labels label.`,
    )
    .action(async (given: unknown) => run(given as OwnOptions & Record<string, unknown>));
}

async function run(given: OwnOptions & Record<string, unknown>): Promise<void> {
  const output = createOutput(given);
  const layers = await layersOf(given, [...adaptFlags, ...refineFlags]);
  if (given.resume !== undefined) return goOn(given.resume, layers, given.dryRun === true, output);
  refuseDevices(layers);
  const from = fromOf(layers);
  if (from !== undefined) return refine({ layers, from, dry: given.dryRun === true, output });
  const config = resolveRun(layers, flagFor);
  checkAdaptation(config);
  const path = await placeOf(config);
  if (given.dryRun === true) {
    const { plan } = await planRun(config);
    return showDryRun(plan, path, output);
  }
  await train(config, path, false, output);
}

async function goOn(path: string, layers: readonly Layer[], dry: boolean, output: Output): Promise<void> {
  const other = layers.find(({ config }) => Object.keys(config).length > 0);
  if (other !== undefined || dry) {
    const flag = dry
      ? "--dry-run"
      : (adaptFlags.map(nameOf).find((name) => process.argv.includes(name)) ?? other?.origin);
    throw usageError(
      "resume",
      `--resume goes on with the configuration of the run, got also ${flag}`,
      "Leave it out, or start a new run with it.",
    );
  }
  const name = join(path, runFiles.config);
  const text = await readFile(name, "utf8").catch(() => {
    throw usageError(
      "resume",
      `${path}: expected the folder of a run, but it has no ${runFiles.config}`,
      "Name the run's folder, such as runs/NAME.",
    );
  });
  const refinement = savedRefinement(text, name);
  const config = refinement ?? savedRun(text, name);
  const before = "seeds" in config && config.seeds !== undefined ? undefined : await readResult(path);
  if (before !== undefined) {
    output.note(`${path} is finished already`);
    output.document(before);
    output.result(renderResult(before, output.paint));
    return;
  }
  await ("from" in config ? resumeRefinement(path, config, output) : train(config, path, true, output));
}

async function train(config: RunConfig, path: string, resume: boolean, output: Output): Promise<void> {
  const { seeds } = config;
  if (seeds === undefined) {
    const planned = await planRun(config);
    const interrupt = catchInterrupt(output.note);
    try {
      const result = await trainRun({ config, planned, path, resume, output, signal: interrupt.signal });
      output.document(result);
      output.result(renderResult(result, output.paint));
      refuseDiverged([result]);
    } finally {
      interrupt.release();
    }
    return;
  }
  const interrupt = catchInterrupt(output.note);
  try {
    const { summary, results } = await runSeeds({ config, seeds, path, output, signal: interrupt.signal });
    output.document(summary);
    output.result(renderSeeds(summary, output.paint));
    refuseDiverged(results);
  } finally {
    interrupt.release();
  }
}
