/** A finished run's model, gone on from with rows of the target alone, as one function. Node only: the run is a folder. */
import { printConfig } from "../../config/file.ts";
import type { Plain } from "../../config/merge.ts";
import { resolveRefineRecipe } from "../../config/resolve.ts";
import type { RefineInput } from "../../config/schema.ts";
import { usageError } from "../../errors.ts";
import { type AdaptRun, launch } from "../launch.ts";
import { openSavedRun } from "../saved-run.ts";
import type { ThreadChoice } from "../thread.ts";
import { planRefinementOf, type RefineData, refineBase } from "./prepare.ts";

export interface RefineOptions extends RefineData {
  /** Folder of the finished run. Its source rows are not needed. */
  readonly from: string;
  /** Which of its models: `chosen` (default), `last`, `source-only`, or its method's name. */
  readonly model?: string;
  /** A refinement by name (`shot`, `dirt-t`), or a name with options. */
  readonly method: RefineInput["method"]["name"] | RefineInput["method"];
  /** Default: as the run was trained, but 15 passes over the target at a tenth of the rate. */
  readonly train?: Partial<RefineInput["train"]>;
  /** What is measured, and what chooses the epoch. Default: the last one. */
  readonly evaluate?: RefineInput["evaluate"];
  /**
   * Folder where features of the run's frozen backbone are kept; `false`: nowhere, and where `train.augment` changes
   * images they are computed anew at every step. Default: nowhere, as in `adapt`.
   */
  readonly cache?: string | false;
  /** Folder of the refined run. Default: nothing is written. */
  readonly out?: string;
  /** Goes on with the interrupted refinement in `out`; rows and options must be the same. Default false. */
  readonly resume?: boolean;
  /** Stops after the step in progress. */
  readonly signal?: AbortSignal;
  /** Where training runs. Default `auto`: a worker. */
  readonly thread?: ThreadChoice;
}

/**
 * Scores the run's model, trains it on with rows of the target alone, and says which of the two to use; as
 * `dann adapt --from RUN`. Rows are raw, and prepared as the run's model has it. Rejects on a run, rows or options that
 * cannot work; after that it goes on by itself, as `adapt` does.
 */
export async function refine(options: RefineOptions): Promise<AdaptRun> {
  const { from, model, method, train, evaluate, cache, out, resume = false, signal, thread } = options;
  if (resume && out === undefined)
    throw usageError("resume", "resume: expected the folder of the refinement in `out`, got nothing");
  const run = await openSavedRun(from);
  const given: Plain = {
    from: { run: from, model },
    method: typeof method === "string" ? { name: method } : method,
    train,
    evaluate,
  };
  const recipe = resolveRefineRecipe(refineBase(run), { origin: "refine", config: given });
  const { plan, tokenizer } = await planRefinementOf(options, recipe, run, cache);
  const folder = out === undefined ? undefined : { path: out, config: printConfig(recipe), resume };
  return launch(plan, { signal, thread, tokenizer, folder });
}
