/**
 * The learners and grids of JMLR 17, section 5.1.2: the shallow DANN, the network without adversary and the linear support
 * vector machine, each chosen per pair by reverse validation.
 */
import { type FeatureRows, range } from "./feature-rows.ts";
import { type LinearLoss, type LinearModel, linearClassifier, predictLinear } from "./linear.ts";
import { pickProducts } from "./products.ts";
import {
  type Learner,
  type Pair,
  type SelectionOptions,
  selectByReverseValidation,
  type Tried,
} from "./reverse-validation.ts";
import { type ShallowSettings, shallowDann } from "./shallow-dann.ts";
import { predictShallow, type ShallowModel } from "./shallow-model.ts";

/** `count` values from `from` to `to`, by equal factors. */
export const logSpaced = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from * (to / from) ** (i / (count - 1)));

export interface ShallowGrid {
  readonly lambdas: readonly number[];
  readonly hidden: readonly number[];
}

/** Nine lambdas from .01 to 1 and two widths: 18 settings a pair. */
export const paperGrid: ShallowGrid = { lambdas: logSpaced(1e-2, 1, 9), hidden: [50, 100] };

/** Every other lambda at one width: 5 settings a pair. */
export const smallGrid: ShallowGrid = { lambdas: logSpaced(1e-2, 1, 5), hidden: [50] };

/** Learning rates of the paper: of Amazon's counts, and of its mSDA features. */
export const paperRates = { counts: 1e-3, msda: 1e-4 } as const;

/** C of the support vector machine: ten values from 10^-5 to 1. */
export const paperCosts: readonly number[] = logSpaced(1e-5, 1, 10);

export const dannSettings = ({ lambdas, hidden }: ShallowGrid, rate: number): ShallowSettings[] =>
  hidden.flatMap((units) => lambdas.map((lambda) => ({ hidden: units, lambda, rate })));

/** The paper's NN: the same network, its width chosen in the same way, no adversary. */
export const networkSettings = ({ hidden }: ShallowGrid, rate: number): ShallowSettings[] =>
  hidden.map((units) => ({ hidden: units, lambda: 0, rate, domainRegressor: "none" }));

export const shallowLearner = (settings: ShallowSettings): Learner<ShallowModel> => ({
  learn: async (task) => (await shallowDann(task, settings)).model,
  predict: predictShallow,
});

/** A linear classifier has no use for unlabelled rows or a start: its problem has one solution. */
export const linearLearner = (loss: LinearLoss, cost: number): Learner<LinearModel> => ({
  learn({ source, target, validation, classes, seed, products }) {
    const size = source.rows.rows + target.rows + validation.rows.rows;
    const own =
      products === undefined ? {} : { products: pickProducts(products, size, range(0, source.rows.rows)).values };
    return linearClassifier(source, classes, { loss, cost, ...own }, seed);
  },
  predict: predictLinear,
});

/** One pair of a table: what was tried, what reverse validation chose, and what that says of rows to be scored. */
export interface PairResult<S> {
  readonly tried: readonly Tried<S>[];
  readonly chosen: Tried<S>;
  /** The class index of each row of `scored`. */
  readonly predicted: Int32Array;
}

export async function runPair<S, M>(request: PairRequest<S, M>): Promise<PairResult<S>> {
  const { pair, scored, settings, learnerOf, seed, progress } = request;
  const { tried, chosen, model } = await selectByReverseValidation(settings, learnerOf, pair, { seed, progress });
  return { tried, chosen, predicted: learnerOf(chosen.setting).predict(model, scored) };
}

export interface PairRequest<S, M> {
  readonly pair: Pair;
  readonly scored: FeatureRows;
  readonly settings: readonly S[];
  readonly learnerOf: (setting: S) => Learner<M>;
  readonly seed: number;
  readonly progress?: SelectionOptions["progress"];
}
