/** The temperature of a trained model, from the sampled rows; labels of the target only say what it was worth. */
import { calibrate } from "../evaluate/calibration/calibrate.ts";
import { expectedCalibrationError, reliabilityBins } from "../evaluate/calibration/ece.ts";
import { scaled } from "../evaluate/calibration/temperature.ts";
import type { LabelledLogits } from "../evaluate/probabilities.ts";
import { classIndices } from "../task.ts";
import type { ModelCalibration } from "../train/metadata.ts";
import type { ModelRow } from "./result.ts";
import { matrixOf, type Predict, type Samples } from "./scoring.ts";

export async function calibrationOf(
  predict: Predict,
  { source, target }: Pick<Samples, "source" | "target">,
  targetScored: LabelledLogits | undefined,
  classes: number,
): Promise<NonNullable<ModelRow["calibration"]>> {
  const heldOut = await predict(source.rows, "source");
  const found = calibrate({
    logits: { rows: source.labels.length, classes, values: heldOut.logits },
    labels: classIndices(source.labels),
    sourceFeatures: matrixOf(heldOut),
    targetFeatures: matrixOf(await predict(target, "target")),
  });
  return { ...found, target: targetScored === undefined ? null : measured(targetScored, found) };
}

function measured({ logits, labels }: LabelledLogits, { temperature }: ModelCalibration) {
  const before = expectedCalibrationError(logits, labels);
  const calibrated = scaled(logits, temperature);
  const after = expectedCalibrationError(calibrated, labels);
  return { rows: labels.length, ece: { before, after }, bins: reliabilityBins(calibrated, labels) };
}

/** What of it the saved model carries; undefined of runs that were made before there was one. */
export const modelCalibration = (row: Pick<ModelRow, "calibration"> | undefined): ModelCalibration | undefined =>
  row?.calibration && { temperature: row.calibration.temperature, basis: row.calibration.basis };
