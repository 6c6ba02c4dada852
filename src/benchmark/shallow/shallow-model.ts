/**
 * The network of the shallow DANN (JMLR 17, section 4.1), in plain arrays:
 *
 *   G_f(x) = sigmoid(x W + b)      G_y(h) = softmax(h V + c)      G_d(h) = sigmoid(h u + d), the probability of "target"
 */
import type { DenseRows } from "../../data/dataset.ts";
import { random } from "../../random.ts";
import { type FeatureRows, project } from "./feature-rows.ts";

export interface ShallowModel {
  /** Features of a row. */
  readonly width: number;
  readonly hidden: number;
  readonly classes: number;
  /** W [width, hidden] */
  readonly weights: Float64Array;
  /** b [hidden] */
  readonly bias: Float64Array;
  /** V [hidden, classes] */
  readonly classWeights: Float64Array;
  /** c [classes] */
  readonly classBias: Float64Array;
  /** u [hidden] */
  readonly domainWeights: Float64Array;
  /** d, one value */
  readonly domainBias: Float64Array;
}

/** W and V by Glorot's uniform, all else zero, as in the authors' code. */
export function initialModel(width: number, hidden: number, classes: number, seed: number): ShallowModel {
  const chance = random(seed).split("shallow-model");
  const glorot = (name: string, fanIn: number, fanOut: number): Float64Array => {
    const [draw, bound] = [chance.split(name), Math.sqrt(6 / (fanIn + fanOut))];
    return Float64Array.from({ length: fanIn * fanOut }, () => bound * (2 * draw.uniform() - 1));
  };
  return {
    width,
    hidden,
    classes,
    weights: glorot("weights", width, hidden),
    bias: new Float64Array(hidden),
    classWeights: glorot("classWeights", hidden, classes),
    classBias: new Float64Array(classes),
    domainWeights: new Float64Array(hidden),
    domainBias: new Float64Array(1),
  };
}

export const copyModel = (model: ShallowModel): ShallowModel => ({
  ...model,
  weights: model.weights.slice(),
  bias: model.bias.slice(),
  classWeights: model.classWeights.slice(),
  classBias: model.classBias.slice(),
  domainWeights: model.domainWeights.slice(),
  domainBias: model.domainBias.slice(),
});

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Class logits of features h; `into` [classes] is overwritten. */
export function classLogits(model: ShallowModel, h: Float64Array, into: Float64Array): void {
  const { classes, classWeights } = model;
  into.set(model.classBias);
  for (let k = 0; k < model.hidden; k++) {
    const value = h[k] as number;
    for (let c = 0; c < classes; c++) into[c] = (into[c] as number) + value * (classWeights[k * classes + c] as number);
  }
}

export function largestIndex(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}

/** The class index of each row. */
export function predictShallow(model: ShallowModel, rows: FeatureRows): Int32Array {
  const logits = new Float64Array(model.classes);
  const predicted = new Int32Array(rows.rows);
  eachFeatures(model, rows, (h, row) => {
    classLogits(model, h, logits);
    predicted[row] = largestIndex(logits);
  });
  return predicted;
}

/** G_f of each row, [rows, hidden]: what the proxy A-distance after adaptation looks at. */
export function shallowFeatures(model: ShallowModel, rows: FeatureRows): DenseRows {
  const values = new Float32Array(rows.rows * model.hidden);
  eachFeatures(model, rows, (h, row) => values.set(h, row * model.hidden));
  return { kind: "dense", rows: rows.rows, width: model.hidden, values };
}

function eachFeatures(model: ShallowModel, rows: FeatureRows, use: (h: Float64Array, row: number) => void): void {
  const h = new Float64Array(model.hidden);
  for (let row = 0; row < rows.rows; row++) {
    h.set(model.bias);
    project(rows, row, model.weights, model.hidden, h);
    for (let k = 0; k < model.hidden; k++) h[k] = sigmoid(h[k] as number);
    use(h, row);
  }
}
