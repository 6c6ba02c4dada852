/** The rows of the table that one training gives, scored on all rows. */
import { makeMethod } from "../methods/make.ts";
import { stepsToTrain } from "../train/config.ts";
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
  const predictor = session.predictor(stage, makeMethod(stage.job.method).readsTarget);
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
  const total = stepsToTrain(job.config, job.source.rows);
  // AdaBN makes no pass over the source of its own: its epoch is that of the weights.
  const weights = stage.id === "adabn" ? stepsToTrain(plan.train, plan.source.rows.rows) : total;
  const trainRows = stage.id === "adabn" ? plan.source.rows.rows : job.source.rows;
  const batch = stage.id === "adabn" ? plan.train.batch.source : job.config.batch.source;
  const lastEpoch = tracker?.last()?.epoch ?? Math.round((100 * weights * batch) / trainRows) / 100;
  const targetScored = stage.targetScored ?? plan.targetScored;

  const row = async (
    state: State,
    as: Pick<ModelRow, "selection" | "selectable" | "epoch" | "validators">,
  ): Promise<ModelRow> => {
    const predict: Predict = (rows, domain, options) => predictor.predict(state, rows, domain, options);
    const source = await scoreRows(predict, plan.sourceScored, "source", plan.classes);
    const target = targetScored && (await scoreRows(predict, targetScored, "target", plan.classes));
    const labelled = target && { logits: target.logits, labels: targetScored.labels };
    return {
      name,
      method: job.method.name,
      ...as,
      metrics: {
        source: source.metrics,
        target: target?.metrics ?? null,
      },
      scoredOn: { source: plan.sourceScored.on, target: targetScored?.on ?? null },
      ...(as.selectable && { calibration: await calibrationOf(predict, samples, labelled, plan.classes.length) }),
    };
  };

  if (stage.id === "target-trained") {
    return [await row(last, { selection: "target-trained", selectable: false, epoch: lastEpoch, validators: {} })];
  }
  const rows = [
    await row(last, {
      selection: "last",
      selectable: true,
      epoch: lastEpoch,
      validators: tracker?.last()?.validators ?? {},
    }),
  ];
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
