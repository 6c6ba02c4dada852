/** What every method makes of target rows whose labels were given for training. */
import { describe, expect, test } from "vitest";
import { makeNetwork } from "../../src/dann/networks/registry.ts";
import { gradients } from "../../src/graph/gradients.ts";
import { input, type Var } from "../../src/graph/node.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { classWeightsName } from "../../src/methods/class-weights.ts";
import { methodConfig } from "../../src/methods/config.ts";
import { makeMethod } from "../../src/methods/make.ts";
import type { Method, MethodContext, Objective } from "../../src/methods/method.ts";
import { type MethodOptions, methods } from "../../src/methods/registry.ts";
import { createStore, type Store } from "../../src/nn/scope.ts";
import { random } from "../../src/random.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/train/checkpoint.ts";
import { fit as startFit, type Trained, trained } from "../../src/train/fit.ts";
import type { TrainJob } from "../../src/train/job.ts";
import { slopeAlong } from "../support/finite-differences.ts";
import { feedsOf, float64, int64, norm, normals, values } from "../support/learning.ts";
import { clouds, tinyJob } from "../support/tiny-job.ts";

const rows = { source: 6, target: 4, labelled: 3 };

interface Built {
  readonly method: Method;
  readonly store: Store;
  readonly context: MethodContext;
  /** What labels are learnt by: the first phase, of methods that have one. */
  readonly learning: Objective;
  /** Every loss of a step. */
  readonly losses: readonly Var[];
  /** What the method adds to the label loss, for the log. */
  readonly others: readonly Var[];
}

function build(name: string, weight = 1, more: MethodOptions = {}): Built {
  const options = { ...(name === "fixmatch" && { confidence: 0.2 }), ...more };
  const method = makeMethod({ name, ...options });
  const network = makeNetwork(
    "mlp",
    { inputShape: [3], classes: 3, rows },
    {
      ...{ hidden: [6], domainHidden: [5], activation: "tanh" },
      ...(name === "adabn" && { batchNorm: "perDomain" as const }),
    },
  );
  const store = createStore();
  const x = (set: keyof typeof rows): Var => input(`${set}/x`, { dtype: "float32", shape: [rows[set], 3] });
  const y = (set: keyof typeof rows): Var => input(`${set}/y`, { dtype: "int64", shape: [rows[set]] });
  const context: MethodContext = {
    network,
    scope: store.scope({
      kind: "training",
      segments: [
        { domain: "source", rows: rows.source },
        ...(method.readsTarget ? [{ domain: "target" as const, rows: rows.target }] : []),
        { domain: "target", rows: rows.labelled },
      ],
    }),
    source: { domain: "source", x: x("source"), y: y("source") },
    target: method.readsTarget ? { domain: "target", x: x("target") } : undefined,
    labelledTarget: { domain: "target", x: x("labelled"), y: y("labelled"), weight },
    lambda: input("lambda", { dtype: "float32", shape: [] }),
  };
  const objective = method.objective(context);
  const warm = method.warmUp?.objective(context);
  const updates = [...(method.before ?? []), ...(method.after ?? [])].map(({ loss }) => loss(context));
  const losses = [objective.loss, ...(warm === undefined ? [] : [warm.loss]), ...updates];
  const { labelLoss: _l, targetLabelLoss: _t, ...others } = objective.terms;
  return { method, store, context, learning: warm ?? objective, losses, others: Object.values(others) };
}

const labels = [0, 1, 2] as const;
const feeds = (store: Store, given: Readonly<Record<string, Tensor>> = {}): Record<string, Tensor> => {
  const draw = random(3);
  return {
    ...feedsOf(store),
    "source/x": normals([rows.source, 3], draw),
    "source/y": int64([0, 1, 2, 2, 1, 0]),
    "target/x": normals([rows.target, 3], draw),
    "labelled/x": normals([rows.labelled, 3], draw),
    "labelled/y": int64(labels),
    lambda: float64([], [0.7]),
    ...given,
  };
};
const lossOf = (loss: Var, store: Store, given?: Readonly<Record<string, Tensor>>): number =>
  values({ loss }, feeds(store, given)).loss?.[0] ?? Number.NaN;

const swapped = { "labelled/y": int64([1, 2, 0]) };
const moved = { "labelled/x": float64([rows.labelled, 3], [5, -4, 3, 2, -6, 1, 4, 4, -5]) };
/** Methods whose rows of the target teach nothing but by labels. */
const byLabelsAlone: readonly string[] = ["source-only", "adabn"];
const weighing = methods.filter(({ role, options }) => role.kind === "base" && "classWeights" in options);
const alone = methods.filter(({ role }) => role.kind === "base" || (role.kind === "term" && role.alone));

describe.each([...alone.map(({ name }) => name), "cdan+e+mcc", "dann+bsp"])("%s", (name) => {
  test("labels of the target are learnt by G_y and G_f, and the loss is told by itself", () => {
    const { learning, store } = build(name);
    expect(lossOf(learning.loss, store, swapped)).not.toBeCloseTo(lossOf(learning.loss, store), 4);
    const part = learning.terms.targetLabelLoss;
    if (part === undefined) return expect.unreachable();
    const names = store.states().flatMap(({ kind, name: own }) => (kind === "parameter" ? [own] : []));
    const slopes = gradients(
      part,
      names.map((own) => store.variable(own)),
    );
    const sizes = values(Object.fromEntries(names.map((own, i) => [own, slopes[i] as Var])), feeds(store));
    for (const scope of ["featureExtractor/", "labelPredictor/"])
      expect(norm(names.filter((own) => own.startsWith(scope)).flatMap((own) => sizes[own] ?? []))).toBeGreaterThan(
        1e-3,
      );
  });

  test("by the mean over these rows, times its weight, beside the source's", () => {
    const [one, three, none] = [build(name, 1), build(name, 3), build(name, 0)].map(({ learning, store }) => ({
      loss: lossOf(learning.terms.labelLoss as Var, store),
      part: lossOf(learning.terms.targetLabelLoss as Var, store),
    })) as [{ loss: number; part: number }, { loss: number; part: number }, { loss: number; part: number }];
    expect(three.part).toBeCloseTo(one.part, 10);
    expect(one.loss - none.loss).toBeCloseTo(one.part, 10);
    expect(three.loss - none.loss).toBeCloseTo(3 * one.part, 10);
  });

  test("at weight 0 the labels say nothing, and the rows are rows of the target all the same", () => {
    const { losses, others, store } = build(name, 0);
    const found = (given?: Readonly<Record<string, Tensor>>): number[] =>
      [...losses, ...others].map((loss) => lossOf(loss, store, given));
    const plain = found();
    expect(found(swapped)).toEqual(plain);
    const changes = found(moved).map((value, i) => Math.abs(value - (plain[i] ?? 0)));
    if (byLabelsAlone.includes(name)) expect(Math.max(...changes)).toBeLessThan(1e-12);
    else expect(Math.max(...changes)).toBeGreaterThan(1e-6);
  });

  test("gradients are those of finite differences", () => expectSlopes(build(name, 2)));
});

/** The gradients of every loss of a step are its slopes along a random direction of the parameters. */
function expectSlopes({ losses, store }: Built, given: Readonly<Record<string, Tensor>> = {}): void {
  const names = store.states().flatMap(({ kind, name: own }) => (kind === "parameter" ? [own] : []));
  const fed = feeds(store, given);
  for (const loss of losses) {
    const slopes = gradients(
      loss,
      names.map((own) => store.variable(own)),
    );
    const found = values(Object.fromEntries(names.map((own, i) => [own, slopes[i] as Var])), fed);
    const { slope, direction } = slopeAlong(
      loss,
      fed,
      names.map((own) => `state:${own}`),
    );
    const ours = names
      .flatMap((own) => (found[own] ?? []).map((value, i) => value * (direction[`state:${own}`]?.[i] ?? 0)))
      .reduce((sum, value) => sum + value, 0);
    expect(Math.abs(ours - slope)).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)));
  }
}

/** Weights of the source's classes and labels of the target at once: both have their effect, neither the other's. */
describe.each([...weighing.map(({ name }) => name), "cdan+e+mcc", "dann+bsp"])("%s with class weights", (name) => {
  const classWeights = "label-shift";
  const weighted = (...weights: number[]): Record<string, Tensor> => ({
    [`state:${classWeightsName}`]: float64([3], weights),
  });
  const uneven = weighted(2.2, 0.5, 0.3);
  const term = (built: Built, which: "labelLoss" | "targetLabelLoss", given?: Record<string, Tensor>): number =>
    lossOf(built.learning.terms[which] as Var, built.store, given);

  test("they weigh rows of the source, and rows of the target are as the target has them", () => {
    const built = build(name, 2, { classWeights });
    const plain = build(name, 2);
    const labels = term(plain, "targetLabelLoss");
    expect(term(built, "targetLabelLoss", uneven)).toBeCloseTo(labels, 10);
    expect(term(built, "targetLabelLoss", { ...uneven, ...swapped })).not.toBeCloseTo(labels, 4);
    // Weights of 1 are none. Of the source's part alone the loss is linear in them: the classes by themselves sum to it.
    const own = (...weights: number[]): number => term(built, "labelLoss", weighted(...weights)) - 2 * labels;
    expect(own(1, 1, 1)).toBeCloseTo(term(plain, "labelLoss") - 2 * labels, 10);
    expect(own(1, 0, 0) + own(0, 1, 0) + own(0, 0, 1)).toBeCloseTo(own(1, 1, 1), 10);
    expect(own(2.2, 0.5, 0.3)).toBeCloseTo(2.2 * own(1, 0, 0) + 0.5 * own(0, 1, 0) + 0.3 * own(0, 0, 1), 10);
    expect(Math.abs(own(2.2, 0.5, 0.3) - own(1, 1, 1))).toBeGreaterThan(1e-3);
  });

  test("the alignment hears the weights and the rows with labels", () => {
    const built = build(name, 0, { classWeights });
    const found = (given: Record<string, Tensor>): number[] =>
      built.losses.map((loss) => lossOf(loss, built.store, given) - term(built, "labelLoss", given));
    const before = found(uneven);
    for (const given of [{ ...uneven, ...moved }, weighted(0.4, 1.2, 1.4)])
      expect(Math.max(...found(given).map((value, i) => Math.abs(value - (before[i] ?? 0))))).toBeGreaterThan(1e-4);
  });

  test("gradients are those of finite differences", () => expectSlopes(build(name, 2, { classWeights }), uneven));
});

const labelled = (flip = false): TrainJob["labelledTarget"] => {
  const { rows: given, labels: truth } = clouds(10, 1, 7);
  return { given: "for-training", rows: given, labels: flip ? truth.map((label) => 1 - label) : truth };
};
const bits = ({ state }: Trained): unknown => [...state].map(([name, { data }]) => [name, [...data]]);

describe.each(["source-only", "dann"])("training of %s", (name) => {
  const network = { name: "mlp", options: { hidden: [8], batchNorm: "perDomain" } } as const;
  const { target, ...rest } = tinyJob({ method: { name }, network, config: { steps: 16 } });
  const job: TrainJob = { ...rest, ...(name === "dann" && { target }), labelledTarget: labelled() };

  test("hears the labels, repeats its bits and resumes to the same ones", async () => {
    const saved: Uint8Array[] = [];
    const whole = await trained(
      startFit(job, { onCheckpoint: async (checkpoint) => void saved.push(encodeCheckpoint(checkpoint)) }),
    );
    expect(whole.apart).toBe("statistics");
    expect(bits(await trained(startFit(job)))).toEqual(bits(whole));
    const resume = decodeCheckpoint(saved[0] ?? new Uint8Array(), "checkpoint");
    expect(bits(await trained(startFit(job, { resume })))).toEqual(bits(whole));
    expect(bits(await trained(startFit({ ...job, labelledTarget: labelled(true) })))).not.toEqual(bits(whole));
    const others: TrainJob = { ...job, labelledTarget: labelled(true) };
    await expect(trained(startFit(others, { resume }))).rejects.toThrow(/differs in: data/);
  });

  test("their share of a batch and their weight are settings", async () => {
    const plain = bits(await trained(startFit(job)));
    const { batch } = job.config;
    // 6 of 12 target rows of a batch is the default.
    const same = { ...job.config, batch: { ...batch, labelledTarget: 6 }, labelledTargetWeight: 1 };
    expect(bits(await trained(startFit({ ...job, config: same })))).toEqual(plain);
    for (const other of [{ batch: { ...batch, labelledTarget: 3 } }, { labelledTargetWeight: 2 }])
      expect(bits(await trained(startFit({ ...job, config: { ...job.config, ...other } })))).not.toEqual(plain);
  });
});

test("training with class weights and labelled rows hears both, and repeats its bits", async () => {
  const job: TrainJob = {
    ...tinyJob({ method: methodConfig.parse({ name: "dann", classWeights: "label-shift" }), config: { steps: 16 } }),
    labelledTarget: labelled(),
  };
  const weightsOf = ({ state }: Trained): number[] => [...(state.get(classWeightsName)?.data ?? [])].map(Number);
  const both = await trained(startFit(job));
  expect(weightsOf(both)).toHaveLength(2);
  expect(weightsOf(both).every((weight) => Math.abs(weight - 1) > 1e-3)).toBe(true);
  expect(bits(await trained(startFit(job)))).toEqual(bits(both));
  for (const other of [
    { ...job, labelledTarget: labelled(true) },
    { ...job, labelledTarget: undefined },
    { ...job, method: methodConfig.parse({ name: "dann" }) },
  ])
    expect(bits(await trained(startFit(other)))).not.toEqual(bits(both));
});

test("labels that are no class, or too few, are refused; so are refinements and scored rows", async () => {
  const job = tinyJob();
  const given = labelled();
  if (given === undefined) return expect.unreachable();
  const stray = { ...job, labelledTarget: { ...given, labels: given.labels.map(() => 2) } };
  await expect(trained(startFit(stray))).rejects.toThrow(/labelled target row 0: expected 0 to 1, got 2/);
  const short = { ...job, labelledTarget: { ...given, labels: given.labels.slice(1) } };
  await expect(trained(startFit(short))).rejects.toThrow(/a label for each of 10 labelled target rows, got 9/);
  const { source: _s, labels: _l, ...without } = job;
  const refining = { ...without, method: { name: "shot" }, labelledTarget: given };
  await expect(trained(startFit(refining))).rejects.toThrow(/shot reads no labels, got 10 labelled rows/);
  const scored = { rows: given.rows, labels: given.labels, on: "target" } as const;
  // @ts-expect-error rows that score are not given for training
  const leaking: TrainJob = { ...job, labelledTarget: scored };
  expect(leaking).toBeDefined();
});
