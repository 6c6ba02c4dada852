/** `dann adapt --from RUN`: a finished run's model is gone on from, with rows of the target alone. */
import { resolve } from "node:path";
import { launch } from "../adapt/launch.ts";
import { type PlannedRefinement, planRefinement, refineBase } from "../adapt/refine/prepare.ts";
import { refuseOccupied } from "../adapt/run-folder.ts";
import { openSavedRun } from "../adapt/saved-run.ts";
import { printConfig } from "../config/file.ts";
import { valueAt } from "../config/merge.ts";
import { type Layer, resolveRefinement } from "../config/resolve.ts";
import type { RefineConfig } from "../config/schema.ts";
import { usageError } from "../errors.ts";
import { showDryRun } from "./dry-run.ts";
import { type ConfigFlag, flagFor, nameOf } from "./flags.ts";
import { follow } from "./follow.ts";
import { catchInterrupt } from "./interrupt.ts";
import type { Output } from "./output.ts";
import { renderResult } from "./render/result.ts";
import { checkRequest, newPlace, pathOrColumn, refuseDiverged } from "./run-adapt.ts";

export const refineFlags: readonly ConfigFlag[] = [
  {
    flags: "--from <run>",
    key: "from.run",
    parse: (text) => text,
    help: "a finished run whose model is gone on from, with rows of the target alone (--method shot)",
  },
  {
    flags: "--from-model <name>",
    key: "from.model",
    parse: (text) => text,
    help: "which of its models: chosen (default), last, source-only, or its method's name",
  },
];

/** The run that is gone on from, where one is asked for. */
export const fromOf = (layers: readonly Layer[]): string | undefined =>
  layers.map(({ config }) => valueAt(config, ["from", "run"])).findLast((run) => typeof run === "string") as
    | string
    | undefined;

/** Keys of a run that a refinement has no use for, and why. */
const useless: readonly (readonly [key: string, why: string])[] = [
  ["data.source", "a refinement reads no source rows"],
  ["data.sourceLabels", "a refinement reads no source rows"],
  ["data.targetLabelled", "a refinement reads no labels"],
  ["data.targetLabelledLabels", "a refinement reads no labels"],
  ["data.sourceTest", "a refinement reads no source rows"],
  ["data.sourceTestLabels", "a refinement reads no source rows"],
  ["data.preprocess", "rows are prepared as the run's model has it"],
  ["preset", "training goes on as the run was trained"],
  ["seeds", "a refinement has one seed: that of the run, or --seed"],
];

function refuseUseless(layers: readonly Layer[]): void {
  for (const [key, why] of useless) {
    const layer = layers.find(({ config }) => valueAt(config, key.split(".")) !== undefined);
    if (layer === undefined) continue;
    const flag = flagFor(key);
    throw usageError("from", `${layer.origin}: ${flag ?? key} with --from: ${why}`, "Leave it out.");
  }
}

export interface RefineRequest {
  readonly layers: readonly Layer[];
  readonly from: string;
  readonly dry: boolean;
  readonly output: Output;
}

export async function refine({ layers, from, dry, output }: RefineRequest): Promise<void> {
  refuseUseless(layers);
  const run = await openSavedRun(from);
  const config = resolveRefinement(refineBase(run), layers, (key) =>
    key.startsWith("from.") ? nameOf(refineFlags.find((flag) => flag.key === key) ?? { flags: key }) : flagFor(key),
  );
  checkRequest(config);
  if (config.out !== undefined) await refuseOccupied(config.out);
  const path = config.out ?? (await newPlace([[config.data.target]], `${config.method.name}-s${config.train.seed}`));
  const planned = await planRefinement(config, run);
  if (dry) return showDryRun(planned.plan, path, output);
  await trainRefinement({ planned, path, config: printConfig(await saved(config, path)), resume: false, output });
}

/** Goes on with an interrupted refinement. */
export async function resumeRefinement(path: string, config: RefineConfig, output: Output): Promise<void> {
  const planned = await planRefinement(config, await openSavedRun(config.from.run));
  await trainRefinement({ planned, path, config: printConfig(config), resume: true, output });
}

interface Training {
  readonly planned: PlannedRefinement;
  readonly path: string;
  readonly config: string;
  readonly resume: boolean;
  readonly output: Output;
}

async function trainRefinement({ planned, path, config, resume, output }: Training): Promise<void> {
  const interrupt = catchInterrupt(output.note);
  try {
    const { plan, tokenizer } = planned;
    const run = await launch(plan, { signal: interrupt.signal, tokenizer, folder: { path, config, resume } });
    await follow(run, output);
    const result = await run.done;
    output.document(result);
    output.result(renderResult(result, output.paint));
    refuseDiverged([result]);
  } finally {
    interrupt.release();
  }
}

/** With absolute paths, as `savedConfig` of an adaptation. */
async function saved(config: RefineConfig, path: string): Promise<RefineConfig> {
  const { data, from } = config;
  return {
    ...config,
    out: resolve(path),
    from: { ...from, run: resolve(from.run) },
    data: {
      ...data,
      target: resolve(data.target),
      targetTest: data.targetTest && resolve(data.targetTest),
      targetLabels: await pathOrColumn(data.targetLabels),
      targetTestLabels: await pathOrColumn(data.targetTestLabels),
    },
  };
}
