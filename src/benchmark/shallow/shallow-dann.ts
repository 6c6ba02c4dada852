/**
 * The shallow DANN: algorithm 1 of JMLR 17 (2016), section 4.1, as it is printed. One labelled source row and one target
 * row, drawn uniformly, a step; plain gradient descent at a fixed rate; all gradients are taken before anything moves;
 * the source comes in the order of its rows, every epoch. Unlike in the deep experiments, lambda scales the domain
 * regressor's own update too: the graph's step with lambda 1 and `domainWeight` lambda, on a batch of one and one.
 *
 * This is the one training loop that is not a graph: 10^7 steps over rows of 80 words out of 5,000. A test holds it to
 * the graph's step.
 */
import type { Domain } from "../../domain.ts";
import { domainLabel } from "../../domain.ts";
import { usageError } from "../../errors.ts";
import { random } from "../../random.ts";
import { type FeatureRows, type LabelledRows, range } from "./feature-rows.ts";
import { type HiddenLayer, type RowSet, rowsLayer } from "./hidden-layer.ts";
import type { RowProducts } from "./products.ts";
import { productsLayer } from "./products-layer.ts";
import { classLogits, copyModel, initialModel, largestIndex, type ShallowModel, sigmoid } from "./shallow-model.ts";

/**
 * What the domain regressor is for. `adversary`: the hidden layer works against it. `observer`: it learns, the hidden
 * layer does not hear of it (the paper's NN baseline: algorithm 1 without lines 22 and 31). `none`: it is left out; its
 * weights stay as they are. Of the last two the classifiers are the same.
 */
export type DomainRegressor = "adversary" | "observer" | "none";

export interface ShallowSettings {
  /** Units of the hidden layer; the paper tries 50 and 100 for Amazon reviews, 15 for the moons. */
  readonly hidden: number;
  /** Factor of the domain loss; 0 leaves the regressor untrained, so it needs `domainRegressor: "none"`. */
  readonly lambda: number;
  /** Learning rate; the paper's is 1e-3 for Amazon reviews, 1e-4 after mSDA. */
  readonly rate: number;
  /** Default `adversary`. */
  readonly domainRegressor?: DomainRegressor;
  /** Most epochs over the source; default 200, the authors'. */
  readonly maxEpochs?: number;
}

export interface ShallowTask {
  readonly source: LabelledRows;
  readonly target: FeatureRows;
  /** Labelled rows of the source's kind that decide when to stop; never learned from. */
  readonly validation: LabelledRows;
  readonly classes: number;
  /** Decides the initial weights and which target row each step meets. */
  readonly seed: number;
  /** Start here instead of at random weights. Not changed. */
  readonly start?: ShallowModel;
  /** Of all rows, source, target, validation: faster where rows are dense and wide (`products-layer.ts`). */
  readonly products?: RowProducts;
}

export interface ShallowFit {
  readonly model: ShallowModel;
  /** Epochs that were run. */
  readonly epochs: number;
  /** The epoch whose weights were kept, from 1. */
  readonly bestEpoch: number;
  /** Share of wrong validation rows after it. */
  readonly validationRisk: number;
}

/**
 * Trains until the validation risk has not come down to its lowest for long enough: the authors' rule. Training goes on
 * for at least 30 epochs; an epoch t with a risk at most the lowest so far keeps its weights (u and d apart, which go
 * on) and lets it go on to epoch 1.5 t.
 */
export async function shallowDann(task: ShallowTask, settings: ShallowSettings): Promise<ShallowFit> {
  check(task, settings);
  const { source, target, validation, classes, seed, start, products } = task;
  const { hidden, maxEpochs = 200, domainRegressor = "adversary" } = settings;
  const model = start === undefined ? initialModel(source.rows.width, hidden, classes, seed) : copyModel(start);
  const rows = { source: source.rows, target, validation: validation.rows };
  const layer =
    products === undefined
      ? rowsLayer(rows, model.weights, hidden)
      : await productsLayer(rows, products, model.weights, hidden);
  const trainer = trainerOf(model, layer, settings);
  const draws = random(seed).split("shallow-dann");
  const all = range(0, validation.rows.rows);
  let [lowest, bestEpoch, goOnUntil, epochs] = [Number.POSITIVE_INFINITY, 0, 30, 0];
  let best = model;
  for (let epoch = 0; epoch < maxEpochs; epoch++) {
    for (let from = 0; from < source.rows.rows; from += stepsAtOnce) {
      const own = range(from, Math.min(source.rows.rows, from + stepsAtOnce));
      const others = own.map(() => draws.integer(target.rows));
      await layer.ready?.({ source: own, ...(domainRegressor !== "none" && { target: others }) });
      own.forEach((row, i) => {
        trainer.step(row, source.labels[row] as number, others[i] as number);
      });
    }
    epochs = epoch + 1;
    await layer.ready?.({ validation: all });
    const risk = trainer.risk(validation);
    if (risk <= lowest) {
      [lowest, bestEpoch, goOnUntil] = [risk, epochs, Math.max(goOnUntil, Math.floor(1.5 * epoch))];
      layer.keep();
      best = copyModel({ ...model, weights: new Float64Array(0) });
    } else if (epoch > goOnUntil) break;
  }
  if (Number.isNaN(trainer.sum()))
    throw usageError(
      "shallow-diverged",
      `shallow DANN: weights are no numbers after ${epochs} epochs`,
      "Lower the learning rate.",
    );
  const { domainWeights, domainBias } = model;
  return {
    model: { ...best, weights: await layer.kept(), domainWeights, domainBias },
    epochs,
    bestEpoch,
    validationRisk: lowest,
  };
}

/** Steps whose rows are projected together, where that is faster. */
const stepsAtOnce = 64;

interface Trainer {
  step(sourceRow: number, label: number, targetRow: number): void;
  risk(validation: LabelledRows): number;
  /** NaN as soon as a weight is. */
  sum(): number;
}

/** One step of algorithm 1 on `model` and `layer`, in place. */
export function trainerOf(model: ShallowModel, layer: HiddenLayer, settings: ShallowSettings): Trainer {
  const { hidden, classes, bias, classWeights, classBias, domainWeights, domainBias } = model;
  const { lambda, rate, domainRegressor = "adversary" } = settings;
  const [own, other] = [new Float64Array(hidden), new Float64Array(hidden)];
  const [ownDelta, otherDelta] = [new Float64Array(hidden), new Float64Array(hidden)];
  const logits = new Float64Array(classes);

  const features = (set: RowSet, row: number, into: Float64Array): void => {
    into.set(bias);
    layer.project(set, row, into);
    for (let k = 0; k < hidden; k++) into[k] = sigmoid(into[k] as number);
  };
  /** lambda dL_d / d(domain logit) of a row with features h. */
  const domainError = (h: Float64Array, domain: Domain): number => {
    let logit = domainBias[0] as number;
    for (let k = 0; k < hidden; k++) logit += (h[k] as number) * (domainWeights[k] as number);
    return lambda * (sigmoid(logit) - domainLabel(domain));
  };
  /** Adds the reversed gradient, -error u h (1 - h). */
  const reverse = (h: Float64Array, error: number, into: Float64Array): void => {
    for (let k = 0; k < hidden; k++) {
      const value = h[k] as number;
      into[k] = (into[k] as number) - error * (domainWeights[k] as number) * value * (1 - value);
    }
  };
  const move = (set: Domain, row: number, delta: Float64Array): void => {
    layer.accumulate(set, row, delta, -rate);
    for (let k = 0; k < hidden; k++) bias[k] = (bias[k] as number) - rate * (delta[k] as number);
  };

  return {
    step(sourceRow, label, targetRow) {
      features("source", sourceRow, own);
      classLogits(model, own, logits);
      softmaxError(logits, label);
      for (let k = 0; k < hidden; k++) {
        let back = 0;
        for (let c = 0; c < classes; c++) back += (classWeights[k * classes + c] as number) * (logits[c] as number);
        const value = own[k] as number;
        ownDelta[k] = back * value * (1 - value);
      }
      let [ownError, otherError] = [0, 0];
      if (domainRegressor !== "none") {
        features("target", targetRow, other);
        [ownError, otherError] = [domainError(own, "source"), domainError(other, "target")];
      }
      if (domainRegressor === "adversary") {
        reverse(own, ownError, ownDelta);
        reverse(other, otherError, otherDelta.fill(0));
        move("target", targetRow, otherDelta);
      }
      move("source", sourceRow, ownDelta);
      for (let k = 0; k < hidden; k++) {
        const scaled = rate * (own[k] as number);
        for (let c = 0; c < classes; c++) {
          const at = k * classes + c;
          classWeights[at] = (classWeights[at] as number) - scaled * (logits[c] as number);
        }
      }
      for (let c = 0; c < classes; c++) classBias[c] = (classBias[c] as number) - rate * (logits[c] as number);
      if (domainRegressor === "none") return;
      for (let k = 0; k < hidden; k++) {
        const gradient = ownError * (own[k] as number) + otherError * (other[k] as number);
        domainWeights[k] = (domainWeights[k] as number) - rate * gradient;
      }
      domainBias[0] = (domainBias[0] as number) - rate * (ownError + otherError);
    },
    risk({ rows, labels }) {
      let wrong = 0;
      for (let row = 0; row < rows.rows; row++) {
        features("validation", row, own);
        classLogits(model, own, logits);
        if (largestIndex(logits) !== labels[row]) wrong++;
      }
      return wrong / rows.rows;
    },
    sum: () =>
      [bias, classWeights, classBias, domainWeights].reduce((sum, part) => part.reduce((a, b) => a + b, sum), 0),
  };
}

/** Logits to dL_y / dlogits = softmax - onehot(label), in place. */
function softmaxError(logits: Float64Array, label: number): void {
  const largest = logits[largestIndex(logits)] as number;
  let sum = 0;
  for (let c = 0; c < logits.length; c++) sum += logits[c] = Math.exp((logits[c] as number) - largest);
  for (let c = 0; c < logits.length; c++) logits[c] = (logits[c] as number) / sum - (c === label ? 1 : 0);
}

function check({ source, target, validation, classes, start, products }: ShallowTask, settings: ShallowSettings): void {
  const { hidden, lambda, rate, domainRegressor = "adversary", maxEpochs = 200 } = settings;
  const refuse = (code: string, expected: string, got: unknown): never => {
    throw usageError(code, `shallow DANN: expected ${expected}, got ${String(got)}`);
  };
  if (!Number.isInteger(hidden) || hidden < 1) refuse("shallow-hidden", "at least 1 hidden unit", hidden);
  if (!(rate > 0 && Number.isFinite(rate))) refuse("shallow-rate", "a learning rate above 0", rate);
  if (!Number.isInteger(maxEpochs) || maxEpochs < 1) refuse("shallow-epochs", "at least 1 epoch", maxEpochs);
  if (domainRegressor === "none" ? lambda !== 0 : !(lambda > 0 && Number.isFinite(lambda)))
    refuse(
      "shallow-lambda",
      `a lambda ${domainRegressor === "none" ? "of 0 without a domain regressor" : "above 0"}`,
      lambda,
    );
  const widths = [source.rows.width, target.width, validation.rows.width];
  if (new Set(widths).size > 1) refuse("shallow-width", "rows of equal width", widths.join(", "));
  if (source.rows.rows === 0 || target.rows === 0 || validation.rows.rows === 0)
    refuse(
      "shallow-rows",
      "rows of source, target and validation",
      [source.rows.rows, target.rows, validation.rows.rows].join(", "),
    );
  for (const { rows, labels } of [source, validation]) {
    if (labels.length !== rows.rows) refuse("shallow-labels", `${rows.rows} labels`, labels.length);
    const strange = Array.from(labels).find((label) => !(Number.isInteger(label) && label >= 0 && label < classes));
    if (strange !== undefined) refuse("shallow-labels", `class indices below ${classes}`, strange);
  }
  if (
    start !== undefined &&
    (start.hidden !== hidden || start.width !== source.rows.width || start.classes !== classes)
  )
    refuse(
      "shallow-start",
      `a start of ${source.rows.width} features, ${hidden} units and ${classes} classes`,
      `${start.width}, ${start.hidden} and ${start.classes}`,
    );
  const all = source.rows.rows + target.rows + validation.rows.rows;
  if (products !== undefined && products.values.length !== all * all)
    refuse("shallow-products", `products of ${all} rows`, products.values.length);
}
