/** A step of several updates is what its updates do one after the other, each at the values that the one before left. */
import { expect, test } from "vitest";
import { feedsOf, float64, int64, normals, relativeError, values } from "../../test/support/learning.ts";
import { makeNetwork } from "../dann/networks/registry.ts";
import { fitPreprocess } from "../data/preprocess.ts";
import { gradients } from "../graph/gradients.ts";
import { input, type Var } from "../graph/node.ts";
import { sizeOf, type Tensor } from "../graph/tensor.ts";
import { makeMethod } from "../methods/make.ts";
import type { MethodContext } from "../methods/method.ts";
import { createStore, type Store } from "../nn/scope.ts";
import { adam } from "../optim/adam.ts";
import { sgd } from "../optim/sgd.ts";
import { random } from "../random.ts";
import { trainingStep } from "./step.ts";

const rows = { source: 5, target: 4 };
const network = makeNetwork(
  "mlp",
  { inputShape: [3], classes: 3, rows },
  { hidden: [6], domainHidden: [5], activation: "tanh", batchNorm: "perDomain" },
);
const [rate, step, beta1, beta2, epsilon] = [0.1, 3, 0.9, 0.999, 1e-8];

const contextOf = (store: Store): MethodContext => ({
  network,
  scope: store.scope({
    kind: "training",
    segments: [
      { domain: "source", rows: rows.source },
      { domain: "target", rows: rows.target },
    ],
  }),
  source: {
    domain: "source",
    x: input("source/numeric", { dtype: "float32", shape: [rows.source, 3] }),
    y: input("source/y", { dtype: "int64", shape: [rows.source] }),
  },
  target: { domain: "target", x: input("target/numeric", { dtype: "float32", shape: [rows.target, 3] }) },
  lambda: input("lambda", { dtype: "float32", shape: [] }),
});

const draw = random(9);
const data: Record<string, Tensor> = {
  "source/numeric": normals([rows.source, 3], draw),
  "target/numeric": normals([rows.target, 3], draw),
  "source/y": int64([0, 1, 2, 1, 0]),
  lambda: float64([], [0.7]),
};

/** How Adam or plain descent changes one parameter, in numbers; `t` updates of it were done before the step. */
function descent(by: "sgd" | "adam", t: number): (gradient: readonly number[]) => number[] {
  let [m, v, done]: [number[], number[], number] = [[], [], t];
  return (gradient) => {
    if (by === "sgd") return gradient.map((g) => rate * g);
    done += 1;
    m = gradient.map((g, i) => beta1 * (m[i] ?? 0) + (1 - beta1) * g);
    v = gradient.map((g, i) => beta2 * (v[i] ?? 0) + (1 - beta2) * g * g);
    const root = (i: number): number => Math.sqrt((v[i] ?? 0) / (1 - beta2 ** done)) + epsilon;
    return m.map((first, i) => (rate * first) / (1 - beta1 ** done) / root(i));
  };
}

test.each([
  { by: "sgd", name: "mcd", options: { generatorUpdates: 2 } },
  { by: "adam", name: "mcd", options: { generatorUpdates: 2 } },
  { by: "adam", name: "wdgrl", options: { criticUpdates: 2 } },
] as const)("$name by $by", ({ by, name, options }) => {
  const method = makeMethod({ name, ...options });
  const dense = { kind: "dense", rows: 1, width: 3, values: new Float32Array(3) } as const;
  const whole = trainingStep({
    network,
    method,
    preprocess: fitPreprocess(dense, undefined, { standardise: "none" }),
    batch: rows,
    optimizer: by === "sgd" ? sgd({ momentum: 0 }) : adam({ beta1, beta2, epsilon }),
    partRates: { featureExtractor: 1, labelPredictor: 1, domainClassifier: 1, backbone: 1 },
    gradientClip: undefined,
  });

  // The same by hand: losses as graphs, updates in numbers.
  const store = createStore();
  const context = contextOf(store);
  const { before = [], moves = () => true, after = [] } = method;
  const each = ({ moves: own, loss }: (typeof before)[number]) => ({ moves: own, loss: loss(context) });
  const updates = [...before.map(each), { moves, loss: method.objective(context).loss }, ...after.map(each)];
  const initial = feedsOf(store);
  const now = { ...initial };
  const parameters = store.states().filter(({ kind }) => kind === "parameter");
  const changes = new Map(
    parameters.map((spec) => [
      spec.name,
      descent(by, (step - 1) * updates.filter((update) => update.moves(spec.name)).length),
    ]),
  );
  for (const update of updates) {
    const moved = parameters.filter((spec) => update.moves(spec.name));
    const slopes = gradients(
      update.loss,
      moved.map((spec) => store.variable(spec.name)),
    );
    const outputs: Record<string, Var> = Object.fromEntries(slopes.map((slope, i) => [moved[i]?.name ?? "", slope]));
    const found = values(outputs, { ...data, ...now });
    for (const spec of moved) {
      const change = changes.get(spec.name)?.(found[spec.name] ?? []) ?? [];
      const value = Array.from(now[`state:${spec.name}`]?.data ?? [], Number);
      now[`state:${spec.name}`] = float64(
        spec.type.shape,
        value.map((v, i) => v - (change[i] ?? 0)),
      );
    }
  }

  const slots = whole.carried.filter(({ kind }) => kind === "slot");
  const zeros = slots.map(({ name: slot, dims }) => [`state:${slot}`, float64(dims, new Float64Array(sizeOf(dims)))]);
  const schedule = { rate: float64([], [rate]), step: float64([], [step]) };
  const found = values(whole.graph.outputs, { ...data, ...initial, ...Object.fromEntries(zeros), ...schedule });
  // A critic's last bias has a gradient of zero, which Adam makes a direction of from rounding.
  for (const spec of parameters.filter((one) => name !== "wdgrl" || one.name !== "domainClassifier/logit/bias")) {
    const value = Array.from(now[`state:${spec.name}`]?.data ?? [], Number);
    expect(relativeError(found[`next:${spec.name}`] ?? [], value, 1), spec.name).toBeLessThan(1e-5);
  }

  // Running statistics move once, by the objective's own pass.
  const alone = createStore();
  method.objective(contextOf(alone));
  const moved = values(Object.fromEntries(alone.statisticUpdates()), { ...data, ...initial });
  expect(Object.keys(moved).length).toBeGreaterThan(0);
  for (const [statistic, value] of Object.entries(moved))
    expect(relativeError(found[`next:${statistic}`] ?? [], value, 1), statistic).toBeLessThan(1e-6);
});
