/** What every method must do: every row of the registry, and combinations. */
import { beforeAll, describe, expect, test } from "vitest";
import { openBackend } from "#runtime";
import { classify } from "../../src/dann/classify.ts";
import { labelPredictor } from "../../src/dann/label-predictor.ts";
import { makeNetwork, type NetworkOptions } from "../../src/dann/networks/registry.ts";
import { gradients } from "../../src/graph/gradients.ts";
import { inputsOf } from "../../src/graph/graph.ts";
import { add } from "../../src/graph/index.ts";
import { input, type Var } from "../../src/graph/node.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { classWeightsName } from "../../src/methods/class-weights.ts";
import { combination, isRefusal } from "../../src/methods/combination.ts";
import { optionsOf, readOptions } from "../../src/methods/config.ts";
import { makeMethod } from "../../src/methods/make.ts";
import type { Method, MethodContext, Network, Objective, Update } from "../../src/methods/method.ts";
import { type MethodOptions, methods } from "../../src/methods/registry.ts";
import { strengthOf } from "../../src/methods/strength.ts";
import { batchNorm as normalising } from "../../src/nn/batch-norm.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { createStore, type Store } from "../../src/nn/scope.ts";
import { makeOptimizer } from "../../src/optim/config.ts";
import { random } from "../../src/random.ts";
import type { Backend } from "../../src/runtime/backend.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/train/checkpoint.ts";
import { fit as startFit, type Trained, trained } from "../../src/train/fit.ts";
import { networkOf } from "../../src/train/job.ts";
import { trainingStep } from "../../src/train/step.ts";
import { warmUpOf } from "../../src/train/warm-up.ts";
import { slopeAlong } from "../support/finite-differences.ts";
import { feedsOf, float64, int64, norm, normals, relativeError, values } from "../support/learning.ts";
import { tinyJob } from "../support/tiny-job.ts";

const rows = { source: 6, target: 4 };

export interface Built {
  readonly method: Method;
  readonly objective: Objective;
  readonly store: Store;
  readonly network: Network;
  readonly context: MethodContext;
}

/** Options under which every part of a method has an effect on the tiny network, where the defaults leave one out. */
export interface ContractCase {
  readonly name: string;
  readonly options?: MethodOptions;
}

export function build(
  { name, options }: ContractCase,
  more: MethodOptions = {},
  netOptions: NetworkOptions = {},
  /** Layers of G_y before its logits. */
  hidden: readonly Layer[] = [],
): Built {
  const method = makeMethod({ name, ...options, ...more });
  const made = makeNetwork(
    "mlp",
    { inputShape: [3], classes: 3, rows },
    { hidden: [6], domainHidden: [5], activation: "tanh", ...netOptions },
  );
  const network = hidden.length === 0 ? made : { ...made, labelPredictor: labelPredictor(3, { hidden }) };
  const store = createStore();
  const domains = method.readsTarget ? (["source", "target"] as const) : (["source"] as const);
  const x = (domain: "source" | "target"): Var => input(`${domain}/x`, { dtype: "float32", shape: [rows[domain], 3] });
  const context: MethodContext = {
    network,
    scope: store.scope({ kind: "training", segments: domains.map((domain) => ({ domain, rows: rows[domain] })) }),
    source: { domain: "source", x: x("source"), y: input("source/y", { dtype: "int64", shape: [rows.source] }) },
    target: method.readsTarget ? { domain: "target", x: x("target") } : undefined,
    lambda: input("lambda", { dtype: "float32", shape: [] }),
  };
  return { method, objective: method.objective(context), store, network, context };
}

const weighing = `state:${classWeightsName}`;

export function feedsFor(store: Store, classWeights = [0.4, 1.7, 0.9]): Record<string, Tensor> {
  const draw = random(11);
  const feeds = feedsOf(store);
  return {
    ...feeds,
    ...(weighing in feeds && { [weighing]: float64([3], classWeights) }),
    "source/x": normals([rows.source, 3], draw),
    "source/y": int64([0, 1, 2, 2, 1, 0]),
    "target/x": normals([rows.target, 3], draw),
    lambda: float64([], [0.7]),
  };
}

/** The loss and its terms, as numbers. */
export function run({ method, objective, store, context }: Built, classWeights?: number[]): Record<string, number> {
  const warm = method.warmUp?.objective(context).loss;
  const loss = warm === undefined ? objective.loss : add(objective.loss, warm);
  const found = values({ ...objective.terms, loss }, feedsFor(store, classWeights));
  return Object.fromEntries(Object.entries(found).map(([name, [value = Number.NaN]]) => [name, value]));
}

const parametersOf = (store: Store): string[] =>
  store.states().flatMap(({ kind, name }) => (kind === "parameter" ? [name] : []));

/** Gradients of a loss by parameter. */
function slopesOf(loss: Var, store: Store, names: readonly string[]): Record<string, number[]> {
  const slopes = gradients(
    loss,
    names.map((name) => store.variable(name)),
    { unreached: "error" },
  );
  return values(Object.fromEntries(slopes.map((slope, i) => [names[i], slope])), feedsFor(store));
}

interface BuiltUpdate {
  readonly moves: (parameter: string) => boolean;
  readonly loss: Var;
}

/** What a first phase, of the label loss alone, moves. */
const ofClassifier = (parameter: string): boolean => /^(featureExtractor|labelPredictor)\//.test(parameter);

/** Every update of a step, each at the values before the step. */
export function updatesOf({ method, objective, context }: Built): BuiltUpdate[] {
  const made = ({ moves, loss }: Update): BuiltUpdate => ({ moves, loss: loss(context) });
  return [
    ...(method.before ?? []).map(made),
    ...(method.warmUp === undefined ? [] : [{ moves: ofClassifier, loss: method.warmUp.objective(context).loss }]),
    { moves: method.moves ?? (() => true), loss: objective.loss },
    ...(method.after ?? []).map(made),
  ];
}

/** Throws unless an update that moves G_f does so by the target's rows. */
function requireTeaching(built: Built): void {
  const x = built.context.target?.x;
  if (x === undefined) throw new Error("no target");
  const names = parametersOf(built.store);
  const reached = updatesOf(built)
    .filter(({ moves }) => names.some((name) => name.startsWith("featureExtractor/") && moves(name)))
    .map(({ loss }) => norm(values({ slope: gradients(loss, [x])[0] ?? x }, feedsFor(built.store)).slope ?? []));
  if (!(Math.max(...reached) > 1e-4)) throw new Error("nothing of the target reaches G_f");
}

/** The objective's gradient by all parameters of G_f. */
function slopesOfFeatures({ objective, store }: Built): number[] {
  const names = parametersOf(store).filter((name) => name.startsWith("featureExtractor/"));
  return Object.values(slopesOf(objective.loss, store, names)).flat();
}

/** Options of rows whose golden numbers do not look at them, or not at each by itself, and what they are changed to. */
export const factors: Readonly<Record<string, number>> = {
  ...{ discrepancyWeight: 3, covarianceWeight: 3, normWeight: 3, normStep: 3 },
  ...{ transportWeight: 3, featureCost: 3, labelCost: 3 },
  ...{ consistencyWeight: 3, strongNoise: 3, strongDropout: 0.9, confidence: 0.99 },
};

const optionsReadBy = ({ name, options = {} }: ContractCase): MethodOptions => readOptions(name, options);

export const readOptionsOf = (name: string): string[] => {
  const found = combination(name);
  return isRefusal(found) ? [] : Object.keys(optionsOf(found));
};

export function methodContract(each: ContractCase): void {
  describe(each.name, () => {
    const { readsTarget } = makeMethod({ name: each.name });
    let backends: Readonly<Record<"cpu" | "wasm", Backend>>;
    beforeAll(async () => {
      backends = { cpu: await openBackend("cpu"), wasm: await openBackend("wasm") };
    });

    test("is called what it was asked for by", () => {
      expect(makeMethod({ name: each.name }).name).toBe(each.name);
    });

    test("gives a finite scalar and named scalar terms, the label loss among them", () => {
      const { objective } = build(each);
      expect(objective.loss.type.shape).toEqual([]);
      for (const term of Object.values(objective.terms)) expect(term.type).toEqual({ dtype: "float32", shape: [] });
      const measured = methods
        .filter(({ name }) => each.name.split("+").includes(name))
        .flatMap((row) => row.measures ?? []);
      expect(Object.keys(objective.terms)).toEqual(expect.arrayContaining(measured));
      const found = run(build(each));
      expect(Object.values(found).every(Number.isFinite)).toBe(true);
      expect(found.labelLoss).toBeGreaterThan(0);
    });

    test("reads the target exactly if it says so, and never a label of it", () => {
      const losses = updatesOf(build(each)).map(({ loss }, i) => [`${i}`, loss] as const);
      const read = [...inputsOf({ name: "loss", outputs: Object.fromEntries(losses) }).keys()];
      expect(read).toContain("source/y");
      expect(read.includes("target/x")).toBe(readsTarget);
      expect(read).not.toContain("target/y");
    });

    test("reads lambda exactly if that is what says how hard it aligns", () => {
      const built = build(each);
      const outputs = updatesOf(built).flatMap(({ loss, moves }, i) => {
        const names = parametersOf(built.store).filter(moves);
        const slopes = gradients(
          loss,
          names.map((name) => built.store.variable(name)),
        );
        return slopes.map((slope, j) => [`${i}/${names[j]}`, slope] as const);
      });
      const read = inputsOf({ name: "slopes", outputs: Object.fromEntries(outputs) });
      expect(read.has("lambda")).toBe(strengthOf(each.name)?.kind === "lambda");
    });

    test("has parameters of G_d exactly if it says that it trains it", () => {
      const built = build(each);
      updatesOf(built);
      const asked = parametersOf(built.store).some((name) => name.startsWith("domainClassifier/"));
      const found = combination(each.name);
      expect(asked).toBe(!isRefusal(found) && found.rows.some((row) => row.trainsDomainClassifier));
    });

    test("trains G_f and G_y, and every parameter that it asked for", () => {
      const built = build(each);
      const { store } = built;
      const updates = updatesOf(built);
      const names = parametersOf(store);
      const sizes = new Map(names.map((name) => [name, 0]));
      for (const { moves, loss } of updates) {
        const moved = names.filter(moves);
        for (const [name, slope] of Object.entries(slopesOf(loss, store, moved)))
          sizes.set(name, (sizes.get(name) ?? 0) + norm(slope));
      }
      for (const [name, size] of sizes) expect(size, name).toBeGreaterThan(0);
      expect(names.some((name) => name.startsWith("featureExtractor/"))).toBe(true);
      expect(names.some((name) => name.startsWith("labelPredictor/"))).toBe(true);
    });

    test("gradients are those of finite differences, in every update", () => {
      const built = build(each);
      for (const { loss, moves } of updatesOf(built)) {
        const feeds = feedsFor(built.store);
        const names = parametersOf(built.store).filter(moves);
        const slopes = slopesOf(loss, built.store, names);
        const { slope, direction } = slopeAlong(
          loss,
          feeds,
          names.map((name) => `state:${name}`),
        );
        const ours = names.reduce(
          (sum, name) =>
            sum + (slopes[name] ?? []).reduce((s, v, i) => s + v * (direction[`state:${name}`]?.[i] ?? 0), 0),
          0,
        );
        expect(Math.abs(ours - slope)).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)));
      }
    });

    if (readsTarget) {
      test("teaches G_f through the target's rows", () => {
        expect(() => requireTeaching(build(each))).not.toThrow();
      });

      test("and a dead term is noticed", () => {
        const built = build(each);
        const { labelLoss } = built.objective.terms;
        if (labelLoss === undefined) return expect.unreachable();
        const dead = { ...built.method, before: [], after: [] };
        expect(() =>
          requireTeaching({ ...built, method: dead, objective: { ...built.objective, loss: labelLoss } }),
        ).toThrow(/nothing of the target/);
      });

      const terms = each.name
        .split("+")
        .filter((part) => methods.find(({ name }) => name === part)?.role.kind === "term");
      test.each(each.name === terms[0] ? [] : terms)("%s changes what G_f learns", (term) => {
        const parts = each.name.split("+").filter((part) => part !== term);
        const [whole = [], without = []] = [each, { ...each, name: parts.join("+") }].map((one) =>
          slopesOfFeatures(build({ ...one, options: optionsReadBy(one) })),
        );
        expect(norm(whole.map((value, i) => value - (without[i] ?? 0)))).toBeGreaterThan(1e-6);
      });

      const read = readOptionsOf(each.name);
      test.each(Object.keys(factors).filter((key) => read.includes(key)))("%s changes what G_f learns", (key) => {
        const [plain, changed] = [
          slopesOfFeatures(build(each)),
          slopesOfFeatures(build(each, { [key]: factors[key] })),
        ];
        expect(norm(changed.map((value, i) => value - (plain[i] ?? 0)))).toBeGreaterThan(1e-6);
      });
    }

    test("what it trained is what inference asks for", () => {
      const { store, network } = build(each, {}, { batchNorm: "perDomain" });
      const fresh = createStore();
      const domain = readsTarget ? "target" : "source";
      classify(network, input("x", { dtype: "float32", shape: ["N", 3] }), fresh.scope({ kind: "inference", domain }));
      const carried = store.states().map(({ name }) => name);
      expect(carried).toEqual(expect.arrayContaining(fresh.states().map(({ name }) => name)));
    });

    test.each(["none", "perDomain", "perDomainStats", "joint", "source"] as const)("batch norm %s", (batchNorm) => {
      const inPredictor = batchNorm === "none" ? [] : [linear(5), normalising({ regime: batchNorm })];
      for (const hidden of [[], inPredictor]) {
        const built = build(each, {}, { batchNorm }, hidden);
        expect(Object.values(run(built)).every(Number.isFinite)).toBe(true);
        const updated = [...built.store.statisticUpdates().keys()].filter((name) => !name.endsWith("-direction"));
        expect(updated.length > 0).toBe(batchNorm !== "none");
      }
    });

    test("label smoothing changes the loss", () => {
      const smooth = run(build(each, { labelSmoothing: 0.1 })).loss;
      expect(smooth).not.toBeCloseTo(run(build(each)).loss ?? Number.NaN, 6);
    });

    test("options of the domain loss change the loss, and never what is reported of it", () => {
      const read = readOptionsOf(each.name);
      const plain = run(build(each));
      for (const config of [
        ...([{ domainLoss: "half" }, { domainWeight: 0.5 }, { domainLabelSmoothing: 0.1 }] as const),
        { domainGradientPenalty: 2 },
      ]) {
        if (!Object.keys(config).every((key) => read.includes(key))) {
          expect(() => build(each, config)).toThrow(/does not read it/);
          continue;
        }
        const changed = run(build(each, config));
        expect(Math.abs((changed.loss ?? 0) - (plain.loss ?? 0)), JSON.stringify(config)).toBeGreaterThan(1e-6);
        expect(changed.domainLoss).toEqual(plain.domainLoss);
        expect(changed.domainAccuracy).toEqual(plain.domainAccuracy);
      }
    });

    const job = tinyJob({ method: { name: each.name, ...each.options }, config: { steps: 10 } });
    const bits = ({ state }: Trained): unknown => [...state].map(([name, { data }]) => [name, [...data]]);

    test("one step is the same natively and in WebAssembly", async () => {
      const one = { ...job, config: { ...job.config, steps: 1, logEvery: 1 } };
      const [native, wasm] = [
        await trained(startFit(one, { backend: backends.cpu })),
        await trained(startFit(one, { backend: backends.wasm })),
      ];
      expect([...wasm.state.keys()]).toEqual([...native.state.keys()]);
      const largest = Math.max(...[...native.state.values()].map(({ data }) => norm([...data])));
      for (const [name, { data }] of native.state)
        expect(relativeError([...(wasm.state.get(name)?.data ?? [])], [...data], largest), name).toBeLessThan(1e-4);
    });

    test("a seed gives the same bits again, also across save and resume", async () => {
      const saved: Uint8Array[] = [];
      const whole = await trained(
        startFit(job, {
          backend: backends.cpu,
          onCheckpoint: async (checkpoint) => void saved.push(encodeCheckpoint(checkpoint)),
        }),
      );
      expect(bits(await trained(startFit(job, { backend: backends.cpu })))).toEqual(bits(whole));
      const resume = decodeCheckpoint(saved[0] ?? new Uint8Array(), "checkpoint");
      expect(resume.step).toBeLessThan(whole.step);
      expect(bits(await trained(startFit(job, { backend: backends.cpu, resume })))).toEqual(bits(whole));
      const weights = [resume, whole].map(({ state }) => [...(state.get(classWeightsName)?.data ?? [])]);
      if (makeMethod(job.method).classWeights === undefined) expect(weights).toEqual([[], []]);
      else for (const some of weights) expect(some.map((weight) => Math.abs(weight - 1) > 1e-3)).toEqual([true, true]);
    });

    test("a step carries what it changes, and moves every parameter", () => {
      const method = makeMethod(job.method);
      const steps = [method, warmUpOf(method)].flatMap((phase) =>
        phase === undefined
          ? []
          : trainingStep({
              network: networkOf(job),
              method: phase,
              preprocess: job.preprocess,
              batch: job.config.batch,
              optimizer: makeOptimizer(job.config.optimizer),
              partRates: job.config.partRates,
              gradientClip: 1,
            }),
      );
      const all = steps.flatMap(({ carried }) => carried);
      const changed = steps.flatMap((step) => step.changed);
      expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(changed));
      const parameters = all.filter(({ kind }) => kind === "parameter").map(({ name }) => name);
      expect(changed).toEqual(expect.arrayContaining(parameters));
    });
  });
}
