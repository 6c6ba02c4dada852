/** The target rows that the chosen model is most wrong about, or least sure of: for people to look at. */
import type { EncodedRows } from "../data/encode.ts";
import { resizeImages } from "../data/resize.ts";
import { selectEncoded } from "../data/select.ts";
import { predictions, softmaxRows } from "../evaluate/probabilities.ts";
import type { Apart } from "../train/inference.ts";
import type { State } from "../train/state.ts";
import type { Embedding, Session } from "./context.ts";

const most = 24;
/** Longest side of a small picture, in pixels. */
const thumbnail = 64;

/** A truth that nobody gave. A class that the source lacks is -1, as everywhere. */
export const noTruth = -2;

/**
 * Wrong rows, surest first, where target labels were given; else the rows whose prediction is least sure, least first.
 * Arrays of one entry a row; none where there is no such row. Images as `confused_images` [rows, height, width, channels].
 */
export async function confusedRows(
  session: Session,
  model: { readonly state: State; readonly apart: Apart },
): Promise<Embedding["arrays"]> {
  const { plan, asked, samples } = session;
  const labels = samples.scored?.labels;
  const predictor = session.predictor(plan, model.apart);
  const looked = samples.scored?.rows ?? samples.target;
  const { logits } = await predictor
    .predict(model.state, looked, "target", { features: false })
    .finally(() => predictor.dispose());
  const scores = { rows: looked.rows, classes: plan.classes.length, values: logits };
  const predicted = predictions(scores);
  const probabilities = softmaxRows(scores);
  const sureness = Float32Array.from(predicted, (number, row) => probabilities[row * scores.classes + number] ?? 0);
  const sign = labels === undefined ? 1 : -1;
  const chosen = Int32Array.from(predicted.keys())
    .filter((row) => labels === undefined || labels[row] !== predicted[row])
    .sort((a, b) => sign * ((sureness[a] ?? 0) - (sureness[b] ?? 0)) || a - b)
    .slice(0, most);
  if (chosen.length === 0) return {};
  const numbers = samples.numbers.scored ?? samples.numbers.target;
  const inPlan = chosen.map((row) => numbers[row] ?? 0);
  const names = labels === undefined ? asked.names?.target : asked.names?.scored;
  const dims = [chosen.length];
  return {
    confused_names: { dims, values: Array.from(inPlan, (row) => names?.[row] ?? String(row)) },
    confused_predictions: { dims, values: chosen.map((row) => predicted[row] ?? 0) },
    confused_probabilities: { dims, values: Float32Array.from(chosen, (row) => sureness[row] ?? 0) },
    confused_truth: { dims, values: chosen.map((row) => labels?.[row] ?? noTruth) },
    ...picturesOf((labels === undefined ? asked.target : asked.targetScored?.rows) ?? asked.target, inPlan),
  };
}

function picturesOf(rows: EncodedRows, numbers: Int32Array): Embedding["arrays"] {
  if (rows.kind !== "image") return {};
  const own = selectEncoded(rows, numbers);
  if (own.kind !== "image") return {};
  const scale = Math.min(1, thumbnail / Math.max(own.height, own.width));
  const size = {
    height: Math.max(1, Math.round(own.height * scale)),
    width: Math.max(1, Math.round(own.width * scale)),
  };
  const { height, width, channels, pixels } = scale === 1 ? own : resizeImages(own, size);
  return { confused_images: { dims: [own.rows, height, width, channels], values: pixels } };
}
