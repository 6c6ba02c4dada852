/** The end of a refinement: the verdict, the chosen model as a file, the result. */
import { inputShape } from "../../data/preprocess.ts";
import { internalError } from "../../errors.ts";
import { predictions } from "../../evaluate/probabilities.ts";
import type { Apart } from "../../train/inference.ts";
import { inferenceBatch } from "../../train/inference-batch.ts";
import { exportModel } from "../../train/model.ts";
import type { Prediction } from "../../train/predictor.ts";
import type { State } from "../../train/state.ts";
import { verifyModel } from "../../train/verify.ts";
import { packageVersion } from "../../version.ts";
import { type Embedding, fileOf } from "../context.ts";
import type { FinishedSession } from "../finish.ts";
import type { Finished } from "../progress.ts";
import type { AdaptResult, ModelRow } from "../result.ts";
import { scoreSamples } from "../scoring.ts";
import { timesOf } from "../stopwatch.ts";
import { decodeState, withoutSlots } from "../tracker.ts";
import { diverged, type Verdict } from "../verdict.ts";
import { describe, predictorOf, type Refining, scoresOf } from "./refining.ts";
import { judgeRefinement } from "./verdict.ts";

export interface RefineFinish {
  readonly refining: Refining;
  readonly method: Finished;
  writeModel(bytes: Uint8Array): Promise<Uint8Array>;
}

export async function finishRefinement({ refining, method, writeModel }: RefineFinish): Promise<FinishedSession> {
  const { plan, backend, deployed } = refining;
  const { start, target, classes } = plan;
  const { network, preprocess } = deployed;
  const file = method.selected?.file;
  const refined = file === undefined ? undefined : withoutSlots(decodeState(fileOf(refining, file), file));
  const { before, after } = await refining.stopwatch.during("evaluation", async () => ({
    before: await seenBy(refining, start.state, start.apart),
    after: refined && (await seenBy(refining, refined, "statistics")),
  }));
  const verdict = verdictOf(method, before.row.validators, changedShare(before.target, after?.target, classes.length));
  const models = [before.row, ...method.rows];
  const adapts = verdict.code === "helped" && refined !== undefined;
  const wanted = plan.evaluate.select === "last" ? "last" : "validator";
  const chosen = adapts ? models.findIndex(({ selection }, i) => i > 0 && selection === wanted) : 0;
  if (chosen < 0) throw internalError("the chosen model has no row");
  const parts = {
    ...{ network, preprocess, domain: "target" as const },
    state: adapts ? refined : start.state,
    apart: adapts ? "statistics" : start.apart,
    task: plan.task,
  };
  const model = await writeModel(exportModel({ ...parts, classes }));
  const { difference, rows } = await verifyModel(model, parts, deployed.rows, {
    backend,
    rows: Math.min(256, inferenceBatch(preprocess)),
  });
  const result: AdaptResult = {
    schema: 1,
    run: null,
    task: {
      kind: plan.task.kind,
      classes: [...classes],
      sourceRows: 0,
      targetRows: target.rows,
      inputShape: [...inputShape(preprocess)],
    },
    network: describe(refining),
    models,
    select: plan.evaluate.select,
    chosen,
    from: { run: plan.run, model: start.name },
    verdict: { ...verdict, remedies: [...verdict.remedies] },
    domainDistance: null,
    steps: method.steps,
    ...timesOf(refining.stopwatch),
    stepsPerSecond: method.stepsPerSecond,
    device: backend.device,
    threads: plan.train.threads,
    seed: plan.train.seed,
    verification: { difference, rows },
    warnings: [...plan.warnings],
    version: packageVersion,
  };
  return { result, model, embedding: embeddingOf(refining, before.target, after?.target) };
}

interface Seen {
  /** Its row of the table, as that of the model that was begun with. */
  readonly row: ModelRow;
  readonly target: Prediction;
}

async function seenBy(refining: Refining, state: State, apart: Apart): Promise<Seen> {
  const { plan, samples } = refining;
  const { name, method, selection, epoch } = plan.start;
  const predictor = predictorOf(refining, apart);
  try {
    const target = await predictor.predict(state, samples.target, "target");
    const { validators } = await scoreSamples((...asked) => predictor.predict(state, ...asked), samples, plan);
    const scores = await scoresOf(plan, predictor, state);
    return { row: { name, method, selection, selectable: true, epoch, validators, ...scores }, target };
  } finally {
    await predictor.dispose();
  }
}

/** Of the rows' answers. */
function changedShare(before: Prediction, after: Prediction | undefined, classes: number): number {
  if (after === undefined) return 0;
  const rows = before.logits.length / classes;
  const [was, is] = [before, after].map(({ logits }) => predictions({ rows, classes, values: logits }));
  return (was?.filter((answer, row) => answer !== is?.[row]).length ?? 0) / Math.max(1, rows);
}

function verdictOf({ diverged: stopped, selected }: Finished, start: ModelRow["validators"], changed: number): Verdict {
  if (stopped !== null) return diverged(stopped.reason, stopped.remedy, "the model that it began with");
  if (selected === null) throw internalError("a training ended without an evaluation");
  return judgeRefinement({ start, refined: selected.validators, changed });
}

function embeddingOf({ plan }: Refining, before: Prediction, after: Prediction | undefined): Embedding {
  const classes = plan.classes.length;
  const arrays = (prefix: string, { features, featureWidth, logits }: Prediction): Embedding["arrays"] => {
    const rows = logits.length / classes;
    return {
      [`${prefix}_target`]: { dims: [rows, featureWidth], values: features },
      [`${prefix}_target_predictions`]: { dims: [rows], values: predictions({ rows, classes, values: logits }) },
    };
  };
  return { arrays: { ...arrays("start", before), ...(after && arrays("refined", after)) } };
}
