/**
 * One training step as one graph: forward, backward and the optimiser's update. Everything that changes between steps
 * is an input (rows, lambda, learning rate, noise, state), so the graph is compiled once.
 *
 * Inputs: `source/<raw>`, `source/y` (int64; float32 of a regression) and, of several sources, `source/of` (int64),
 * `target/<raw>`, `target/pseudoLabels` (int64, of methods that have them), `labelledTarget/<raw>` and `labelledTarget/y`
 * (int64) where labels of the target were given for training, `lambda`, `rate`, `step` (from 1, in each phase of a method
 * anew), `noise:<name>`, `state:<name>`. Outputs: `next:<name>` for each state that the step changes, `term:<name>` for
 * each part of the loss, and `gradientNorm` where the gradient is clipped: of the objective's gradient before that.
 */
import { backboneScope } from "../dann/backbone.ts";
import { parts } from "../dann/classify.ts";
import { type PreprocessSpec, preprocess, rawInputs } from "../data/preprocess.ts";
import { type Domain, domains } from "../domain.ts";
import { gradients } from "../graph/gradients.ts";
import type { Graph } from "../graph/graph.ts";
import { mul, stopGradient, sub } from "../graph/index.ts";
import { input, type Var } from "../graph/node.ts";
import { optimise } from "../graph/passes.ts";
import { sizeOf } from "../graph/tensor.ts";
import type { LabelledTargetBatch, Method, MethodContext, Network } from "../methods/method.ts";
import type { NoiseSpec, Segment, StateSpec } from "../nn/layer.ts";
import { createStore, keepingStatistics, type Store } from "../nn/scope.ts";
import { clipByGlobalNorm, globalNorm, type Optimizer } from "../optim/optimizer.ts";
import { averaged, carriedAverage } from "./average.ts";
import type { PartRates } from "./config.ts";
import { sharpGradients } from "./sharpness.ts";
import { type CarriedState, carriedSlots, carriedState, slotName } from "./state.ts";

export interface StepRequest {
  readonly network: Network;
  readonly method: Method;
  readonly preprocess: PreprocessSpec;
  /** Rows of each domain in a batch. */
  readonly batch: Readonly<Record<Domain, number>>;
  /** Rows with labels of the target that come beside them in every batch; absent: none. */
  readonly labelledTarget?: { readonly rows: number; readonly weight: number } | undefined;
  readonly optimizer: Optimizer;
  readonly partRates: PartRates;
  /** Whether the domain classifier tells several sources apart; default `one`. */
  readonly sources?: "one" | "several";
  /** Largest norm of all gradients together; undefined: no clipping. */
  readonly gradientClip: number | undefined;
  /** Decay of an average of the weights that is carried beside them; undefined: none. */
  readonly weightAverage?: number | undefined;
  /** Radius of sharpness-aware minimisation of the task loss; undefined: none. */
  readonly sharpness?: number | undefined;
}

export interface TrainingStep {
  readonly graph: Graph;
  /** All state of the step, in the order in which network and optimiser asked for it. */
  readonly carried: readonly CarriedState[];
  /** Names of the states that the step changes, each an output `next:<name>`. */
  readonly changed: readonly string[];
  readonly noises: ReadonlyMap<string, NoiseSpec>;
  /** Names of the parts of the loss, each a scalar output `term:<name>`; `loss` is what is minimised. */
  readonly terms: readonly string[];
  /** Whether `gradientNorm` is an output. */
  readonly tellsNorm: boolean;
  /** Number of trained values. */
  readonly parameters: number;
  /** Domains whose rows the step reads. */
  readonly reads: readonly Domain[];
}

export function trainingStep(request: StepRequest): TrainingStep {
  const { network, method, batch } = request;
  const reads = domains.filter((domain) => (domain === "source" ? method.readsSource : method.readsTarget));
  const store = createStore();
  const scope = store.scope({ kind: "training", segments: segmentsOf(request, reads) });
  const context: MethodContext = {
    scope,
    network,
    source: method.readsSource
      ? {
          domain: "source",
          x: inputOf(request, "source", "source", batch.source),
          y: labelInput(request),
          of: sourceOf(request),
        }
      : undefined,
    target: method.readsTarget
      ? {
          domain: "target",
          x: inputOf(request, "target", "target", batch.target),
          pseudoLabels: method.pseudoLabels && classInput("target/pseudoLabels", batch.target),
        }
      : undefined,
    labelledTarget: labelledBatch(request),
    lambda: scalarInput("lambda"),
  };
  const { next, terms, trained, norm } = updates(request, store, context);
  for (const [name, value] of store.statisticUpdates()) next.set(name, value);
  const decay = request.weightAverage;
  const averages = decay === undefined ? undefined : averaged(trained, next, { decay, step: scalarInput("step") });
  for (const [name, value] of averages ?? []) next.set(name, value);
  const specs = store.states();

  const outputs: Record<string, Var> = {};
  for (const [name, value] of next) outputs[`next:${name}`] = value;
  for (const [name, value] of Object.entries(terms)) outputs[`term:${name}`] = value;
  if (norm !== undefined) outputs.gradientNorm = norm;
  return {
    graph: optimise({ name: `${method.name} step of ${network.name}`, outputs }),
    carried: [
      ...specs.map(carriedState),
      ...trained.flatMap((spec) => carriedSlots(spec, request.optimizer)),
      ...(averages === undefined ? [] : trained.map(carriedAverage)),
    ],
    changed: [...next.keys()],
    noises: store.noises(),
    terms: Object.keys(terms),
    tellsNorm: norm !== undefined,
    parameters: trained.reduce((sum, spec) => sum + sizeOf(spec.type.shape), 0),
    reads,
  };
}

const labelInput = ({ method, batch }: StepRequest): Var =>
  method.labels === "numbers"
    ? input("source/y", { dtype: "float32", shape: [batch.source] })
    : classInput("source/y", batch.source);

const sourceOf = ({ sources, batch, method }: StepRequest): Var | undefined =>
  sources === "several" && method.readsTarget
    ? input("source/of", { dtype: "int64", shape: [batch.source] })
    : undefined;

/** Rows of the batch as the network sees them: the target's with labels, where there are any, are the last. */
function segmentsOf({ batch, labelledTarget }: StepRequest, reads: readonly Domain[]): Segment[] {
  const segments: Segment[] = reads.map((domain) => ({ domain, rows: batch[domain] }));
  return labelledTarget === undefined ? segments : [...segments, { domain: "target", rows: labelledTarget.rows }];
}

function labelledBatch(request: StepRequest): LabelledTargetBatch | undefined {
  const { labelledTarget } = request;
  if (labelledTarget === undefined) return undefined;
  const { rows, weight } = labelledTarget;
  const x = inputOf(request, "target", "labelledTarget", rows);
  return { domain: "target", x, y: classInput("labelledTarget/y", rows), weight };
}

/** Network input of rows of one domain: raw inputs of the step, preprocessed as that domain's rows are. */
function inputOf(request: StepRequest, domain: Domain, prefix: string, rows: number): Var {
  const raw: Record<string, Var> = {};
  for (const [name, type] of Object.entries(rawInputs(request.preprocess, rows)))
    raw[name] = input(`${prefix}/${name}`, type);
  // The batches are encoded rows: only what was missing in training can be missing here.
  return preprocess(request.preprocess, raw, domain, { missing: "seen" });
}

interface Updated {
  /** New values by state name. */
  readonly next: Map<string, Var>;
  readonly terms: Readonly<Record<string, Var>>;
  /** Parameters that the step moves. */
  readonly trained: readonly StateSpec[];
  /** Of the objective's gradient, which clipping works out; undefined where nothing is clipped. */
  readonly norm: Var | undefined;
}

/** The step's updates one after the other. Each sees the values that the one before has left. */
function updates(request: StepRequest, store: Store, context: MethodContext): Updated {
  const { before = [], moves = () => true, after = [] } = request.method;
  const all = [...before, { moves }, ...after];
  const next = new Map<string, Var>();
  const trained = new Map<string, StateSpec>();
  // Running statistics move once a step, by the objective's own pass.
  const aside = { ...context, scope: keepingStatistics(context.scope) };
  const [rate, step] = [scalarInput("rate"), scalarInput("step")];
  /** The number of an update of one parameter, from 1, as optimisers count: a step may hold several. */
  const numberOf = (name: string, index: number): Var => {
    const each = all.filter(({ moves }) => moves(name)).length;
    const left = all.slice(index + 1).filter(({ moves }) => moves(name)).length;
    return each === 1 ? step : sub(mul(step, each), left);
  };
  let terms: Readonly<Record<string, Var>> = {};
  let norm: Var | undefined;
  all.forEach((each, index) => {
    const objective = "loss" in each ? { loss: each.loss(aside) } : request.method.objective(context);
    if ("terms" in objective) terms = { ...objective.terms, loss: objective.loss };
    const moved = store
      .states()
      .filter(({ kind, name }) => kind === "parameter" && partRate(request, name) > 0 && each.moves(name));
    const values = moved.map((spec) => store.variable(spec.name));
    const rho = "loss" in each ? undefined : request.sharpness;
    const slopes =
      rho === undefined || !("terms" in objective)
        ? gradients(objective.loss, values)
        : sharpGradients({ method: request.method, store, context, objective, moved, rho });
    const length = request.gradientClip === undefined ? undefined : globalNorm(slopes);
    if ("terms" in objective) norm = length;
    const clock = { rate, step: (name: string) => numberOf(name, index) };
    const clipped = { values, slopes: clip(request, slopes, length) };
    for (const [name, value] of update(request, moved, clipped, next, clock)) next.set(name, value);
    for (const spec of moved) {
      trained.set(spec.name, spec);
      const value = next.get(spec.name);
      // Where a value came from is no part of the next update: its gradient ends here.
      if (value !== undefined) store.assign(spec.name, stopGradient(value));
    }
  });
  return { next, terms, trained: [...trained.values()], norm };
}

const clip = ({ gradientClip }: StepRequest, slopes: readonly Var[], norm: Var | undefined): readonly Var[] =>
  gradientClip === undefined ? slopes : clipByGlobalNorm(slopes, gradientClip, norm);

/** What an update is told of the schedule and of its own number. */
interface Clock {
  readonly rate: Var;
  readonly step: (parameter: string) => Var;
}

/** New values of parameters and of their slots, by state name. `before`: what earlier updates of the step have made. */
function update(
  request: StepRequest,
  trained: readonly StateSpec[],
  { values, slopes }: { readonly values: readonly Var[]; readonly slopes: readonly Var[] },
  before: ReadonlyMap<string, Var>,
  { rate, step }: Clock,
): Map<string, Var> {
  const { optimizer } = request;
  const next = new Map<string, Var>();
  trained.forEach((spec, i) => {
    const [value, gradient] = [values[i], slopes[i]];
    if (value === undefined || gradient === undefined) return;
    const slots: Record<string, Var> = {};
    for (const slot of optimizer.slots) {
      const name = slotName(slot.name, spec.name);
      slots[slot.name] = before.get(name) ?? input(`state:${name}`, spec.type);
    }
    const factor = partRate(request, spec.name);
    const updated = optimizer.update({
      value,
      gradient,
      slots,
      rate: factor === 1 ? rate : mul(rate, factor),
      step: step(spec.name),
      decay: spec.decay,
    });
    next.set(spec.name, updated.value);
    for (const slot of optimizer.slots) {
      const after = updated.slots[slot.name];
      if (after !== undefined) next.set(slotName(slot.name, spec.name), after);
    }
  });
  return next;
}

/**
 * The part is the first element of a parameter's path, but an imported network inside G_f is a part of its own;
 * parameters that a method adds train at the full rate.
 */
function partRate({ partRates }: StepRequest, name: string): number {
  if (name.startsWith(`${parts.featureExtractor}/${backboneScope}/`)) return partRates.backbone;
  const part = name.slice(0, name.indexOf("/"));
  return part in partRates ? partRates[part as keyof PartRates] : 1;
}

const classInput = (name: string, rows: number): Var => input(name, { dtype: "int64", shape: [rows] });
const scalarInput = (name: string): Var => input(name, { dtype: "float32", shape: [] });
