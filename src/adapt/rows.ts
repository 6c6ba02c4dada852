/** The rows of the table that one training gives, scored on all rows. */
import { classWeightsName } from "../methods/class-weights.ts";
import { classIndices } from "../task.ts";
import { stepsToTrain } from "../train/config.ts";
import { apartOf, paceOf, stepsOf } from "../train/job.ts";
import type { Predictor } from "../train/predictor.ts";
import type { State } from "../train/state.ts";
import { calibrationOf } from "./calibration.ts";
import type { Session } from "./context.ts";
import type { ModelRow } from "./result.ts";
import { type Predict, scoreRows } from "./scoring.ts";
import type { Stage } from "./stages.ts";
import type { Tracker } from "./tracker.ts";

export async function rowsOf(
  session: Session,
  stage: Stage,
  last: State,
  tracker: Tracker | undefined,
): Promise<ModelRow[]> {
  const predictor = session.predictor(stage, apartOf(stage.job));
  try {
    return await scoredRows(session, stage, last, tracker, predictor);
  } finally {
    await predictor.dispose();
  }
}

async function scoredRows(
  { plan, samples }: Session,
  stage: Stage,
  last: State,
  tracker: Tracker | undefined,
  predictor: Predictor,
): Promise<ModelRow[]> {
  const { job, name } = stage;
  const pace = paceOf(job);
  // AdaBN makes no pass over the source of its own: its epoch is that of the weights.
  const weights = stage.id === "adabn" ? stepsToTrain(plan.train, plan.source.rows.rows) : stepsOf(job);
  const trainRows = stage.id === "adabn" ? plan.source.rows.rows : pace.rows;
  const batch = stage.id === "adabn" ? plan.train.batch.source : pace.batch;
  const lastEpoch = tracker?.last()?.epoch ?? Math.round((100 * weights * batch) / trainRows) / 100;
  const targetScored = stage.targetScored ?? plan.targetScored;
  const predictBy =
    (state: State): Predict =>
    (rows, domain, options) =>
      predictor.predict(state, rows, domain, options);
  return trainedRows({
    ...{ name, method: job.method.name, last, lastEpoch, tracker, bound: stage.id === "target-trained" },
    async score(state, { selectable }) {
      const predict = predictBy(state);
      const source = await scoreRows(predict, plan.sourceScored, "source", plan);
      const target = targetScored && (await scoreRows(predict, targetScored, "target", plan));
      const weights = state.get(classWeightsName);
      return {
        metrics: { source: source.metrics, target: target?.metrics ?? null },
        ...(source.errors && { errors: { source: source.errors, target: target?.errors ?? null } }),
        scoredOn: { source: plan.sourceScored.on, target: targetScored?.on ?? null },
        ...(weights && { classWeights: [...weights.data] }),
        // Of probabilities alone: numbers have none.
        ...(selectable &&
          plan.task.kind !== "regression" && {
            calibration: await calibrationOf(
              predict,
              samples,
              target && { logits: target.logits, labels: classIndices(targetScored.labels) },
              plan.classes.length,
            ),
          }),
      };
    },
  });
}

export interface TrainedRows {
  readonly name: string;
  readonly method: string;
  /** The state after the last step. */
  readonly last: State;
  readonly lastEpoch: number;
  readonly tracker: Tracker | undefined;
  /** Whether it was trained on target labels. */
  readonly bound: boolean;
  readonly score: (
    state: State,
    as: Pick<ModelRow, "selectable">,
  ) => Promise<Pick<ModelRow, "metrics" | "errors" | "scoredOn" | "classWeights" | "calibration">>;
}

/** The rows of what was trained: its last state, and those that the tracker has kept. */
export async function trainedRows(trained: TrainedRows): Promise<ModelRow[]> {
  const { name, method, last, lastEpoch, tracker, score } = trained;
  const row = async (
    state: State,
    as: Pick<ModelRow, "selection" | "selectable" | "epoch" | "validators">,
  ): Promise<ModelRow> => ({ name, method, ...as, ...(await score(state, as)) });
  if (trained.bound)
    return [await row(last, { selection: "target-trained", selectable: false, epoch: lastEpoch, validators: {} })];
  const validators = tracker?.last()?.validators ?? {};
  const rows = [await row(last, { selection: "last", selectable: true, epoch: lastEpoch, validators })];
  const selected = tracker?.selected();
  if (tracker !== undefined && selected != null) {
    const { epoch, validators } = selected;
    rows.push(await row(tracker.state(selected), { selection: "validator", selectable: true, epoch, validators }));
  }
  const oracle = tracker?.oracle();
  if (tracker !== undefined && oracle != null) {
    const { epoch, validators } = oracle;
    rows.push(await row(tracker.state(oracle), { selection: "oracle", selectable: false, epoch, validators }));
  }
  return rows;
}
