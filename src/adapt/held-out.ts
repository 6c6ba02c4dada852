/** The rows of a run that did not train, read again from its files. */
import { type PreprocessSpec, preprocessSpec } from "../data/preprocess.ts";
import { DannError, runError } from "../errors.ts";
import { hashPlan } from "./data-hash.ts";
import type { LabelledRows } from "./plan.ts";
import { planRun } from "./plan-run.ts";
import type { SavedRun } from "./saved-run.ts";

export type HeldOut = ({ readonly kind: "rows" } & LabelledRows) | { readonly kind: "none"; readonly reason: string };

/** Held-out source rows, or why there are none: files that are gone or changed are no error here. */
export async function heldOutRows({ config, progress, metadata, path }: SavedRun): Promise<HeldOut> {
  const { data, ...recipe } = config;
  if (data === undefined) return { kind: "none", reason: "the run names no files" };
  try {
    const { plan } = await planRun({ ...recipe, data });
    if ((await hashPlan(plan)) !== progress.data) return { kind: "none", reason: "the run's data have changed since" };
    // The same rows give the same preprocessing: another one in the model means that the model is not of this run.
    if (textOf(plan.preprocess) !== textOf(metadata.preprocess))
      throw runError(
        "model-verification",
        `${path}: the preprocessing in its model.onnx is not the one that its data give`,
        "Train again: the model of this run has been changed.",
      );
    const { rows, labels } = plan.sourceScored;
    return { kind: "rows", rows, labels };
  } catch (cause) {
    if (!(cause instanceof DannError) || cause.kind === "run") throw cause;
    return { kind: "none", reason: cause.message };
  }
}

/** With keys in the schema's order. */
const textOf = (spec: PreprocessSpec): string => JSON.stringify(preprocessSpec.parse(spec));
