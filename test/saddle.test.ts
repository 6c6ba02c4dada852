/**
 * The claim of the paper as a program: one ordinary gradient step on what our methods minimise is, for every lambda,
 *
 *   dE~/dtheta_f = dL_y/dtheta_f - lambda dL_d/dtheta_f,  dE~/dtheta_y = dL_y/dtheta_y,  dE~/dtheta_d = dL_d/dtheta_d
 *
 * (a `domainWeight` w scales every L_d), with L_y and L_d written down here a second time, without a reversal, from the formulas of the paper. The same check
 * is then given methods with a planted fault, and each must make it fail.
 */
import { describe, expect, it } from "vitest";
import { gradientReversal } from "../src/dann/gradient-reversal.ts";
import { makeNetwork, type NetworkOptions } from "../src/dann/networks/registry.ts";
import { gradients } from "../src/graph/gradients.ts";
import {
  add,
  concat,
  gatherElements,
  log,
  mul,
  neg,
  reduceMean,
  sigmoid,
  slice,
  softmax,
  square,
  stopGradient,
  sub,
  unsqueeze,
} from "../src/graph/index.ts";
import { input, type Var } from "../src/graph/node.ts";
import type { Tensor } from "../src/graph/tensor.ts";
import { makeMethod } from "../src/methods/make.ts";
import type { Method, MethodContext, Network } from "../src/methods/method.ts";
import { createStore } from "../src/nn/scope.ts";
import { random } from "../src/random.ts";
import { faults, sound } from "./support/faults.ts";
import { feedsOf, float64, int64, norm, normals, relativeError, values } from "./support/learning.ts";

const lambdas = [0, 0.1, 1, 10];
const rows = { source: 3, target: 2 };
const classes = 3;

interface Setting {
  readonly title: string;
  readonly network: Network;
  readonly inputShape: readonly number[];
}

const setting = (title: string, name: string, inputShape: readonly number[], options: NetworkOptions): Setting => ({
  title,
  network: makeNetwork(name, { inputShape, classes, rows }, options),
  inputShape,
});

const settings: readonly Setting[] = [
  setting("mlp", "mlp", [5], { hidden: [8, 6], activation: "tanh", domainHidden: [7] }),
  setting("mlp, batch norm a domain", "mlp", [5], { hidden: [8, 6], domainHidden: [7], batchNorm: "perDomain" }),
  setting("the paper's MNIST network", "mnist", [1, 16, 16], { hidden: [12], domainHidden: [9] }),
  setting("the same, reversal on the last layer, batch norm a domain", "mnist", [1, 16, 16], {
    hidden: [12],
    domainHidden: [9],
    reversalAt: "last-hidden",
    batchNorm: "perDomain",
  }),
  setting("convnet over time, joint batch norm", "signal", [2, 16], { filters: [4, 5], batchNorm: "joint" }),
];

interface Expectation {
  readonly reading: "sum" | "half";
  readonly domainWeight: number;
}

/** L_y and L_d as the paper writes them: logarithms of probabilities, no reversal anywhere. */
function plainLosses(network: Network, context: MethodContext, reading: "sum" | "half"): { ly: Var; ld: Var } {
  const { scope, source, target } = context;
  if (source === undefined || target === undefined) throw new Error("expected both domains");
  const x = concat([source.x, target.x], 0);
  const features = network.featureExtractor.apply(x, scope.child("featureExtractor"));
  const all = network.labelPredictor.apply(features, scope.child("labelPredictor"));
  const probabilities = softmax(slice(all, { axis: 0, end: rows.source }), 1);
  const ly = neg(reduceMean(log(gatherElements(probabilities, unsqueeze(source.y, [1]), 1))));
  const isTarget = sigmoid(network.domainClassifier.apply(features, scope.child("domainClassifier")));
  // Source 0, target 1.
  const onSource = neg(reduceMean(log(sub(1, slice(isTarget, { axis: 0, end: rows.source })))));
  const onTarget = neg(reduceMean(log(slice(isTarget, { axis: 0, start: rows.source }))));
  const sum = add(onSource, onTarget);
  return { ly, ld: reading === "sum" ? sum : mul(sum, 0.5) };
}

/** Throws when a method's gradients are not those of the saddle point, or when a part of the adversary is dead. */
function checkSaddle(method: Method, { network, inputShape }: Setting, expected: Expectation): void {
  const store = createStore();
  const scope = store.scope({
    kind: "training",
    segments: [
      { domain: "source", rows: rows.source },
      { domain: "target", rows: rows.target },
    ],
  });
  const context: MethodContext = {
    scope,
    network,
    source: {
      domain: "source",
      x: input("source/x", { dtype: "float32", shape: [rows.source, ...inputShape] }),
      y: input("source/y", { dtype: "int64", shape: [rows.source] }),
    },
    target: { domain: "target", x: input("target/x", { dtype: "float32", shape: [rows.target, ...inputShape] }) },
    lambda: input("lambda", { dtype: "float32", shape: [] }),
  };
  const { loss } = method.objective(context);
  const { ly, ld } = plainLosses(network, context, expected.reading);
  const names = store.states().flatMap(({ kind, name }) => (kind === "parameter" ? [name] : []));
  const parameters = names.map((name) => store.variable(name));
  const gradientsOf = (of: Var): Record<string, Var> =>
    Object.fromEntries(gradients(of, parameters).map((gradient, i) => [names[i], gradient]));

  const source = random(7);
  const feeds: Record<string, Tensor> = {
    ...feedsOf(store),
    "source/x": normals([rows.source, ...inputShape], source),
    "source/y": int64([0, 2, 1]),
    "target/x": normals([rows.target, ...inputShape], source),
  };
  const ofLabels = values(gradientsOf(ly), feeds);
  const ofDomains = values(gradientsOf(ld), feeds);
  const largest = Math.max(...[...Object.values(ofLabels), ...Object.values(ofDomains)].map(norm));
  for (const lambda of lambdas) {
    const found = values(gradientsOf(loss), { ...feeds, lambda: float64([], [lambda]) });
    const alive = { featureExtractor: 0, labelPredictor: 0, domainClassifier: 0 };
    for (const name of names) {
      const part = name.split("/")[0] as keyof typeof alive;
      const [ours, labels, domains] = [found[name] ?? [], ofLabels[name] ?? [], ofDomains[name] ?? []];
      const { domainWeight } = expected;
      const wanted = {
        featureExtractor: () => labels.map((value, i) => value - lambda * domainWeight * (domains[i] ?? 0)),
        labelPredictor: () => labels,
        domainClassifier: () => domains.map((value) => domainWeight * value),
      }[part]();
      const error = relativeError(ours, wanted, largest);
      if (!(error < 1e-7)) throw new Error(`lambda ${lambda}: gradient of ${name} is off by ${error.toExponential(1)}`);
      // What the domains contribute to G_f, and what each head learns from its own loss.
      const own = part === "featureExtractor" ? ours.map((value, i) => value - (labels[i] ?? 0)) : ours;
      alive[part] += norm(own);
    }
    for (const [part, size] of Object.entries(alive)) {
      const dead = size < 1e-6 * largest;
      const mayBeDead = part === "featureExtractor" && lambda === 0;
      if (dead && !mayBeDead) throw new Error(`lambda ${lambda}: nothing reaches ${part}`);
    }
  }
}

const config = { name: "dann", domainWeight: 1, domainLabelSmoothing: 0, labelSmoothing: 0 } as const;

const expectations: readonly Expectation[] = [
  { reading: "sum", domainWeight: 1 },
  { reading: "half", domainWeight: 1 },
  { reading: "sum", domainWeight: 0.25 },
];

describe("the saddle point", () => {
  for (const each of settings)
    for (const expected of each.inputShape.length === 3 ? expectations.slice(0, 1) : expectations)
      it(`${each.title}: ${expected.reading}, weight ${expected.domainWeight}`, () => {
        const { reading, domainWeight } = expected;
        checkSaddle(makeMethod({ ...config, domainLoss: reading, domainWeight }), each, expected);
      });
});

describe("planted faults", () => {
  const [plain] = settings;
  if (plain === undefined) throw new Error("no setting");
  it("the check passes what the faults are variations of", () => {
    checkSaddle(sound, plain, { reading: "sum", domainWeight: 1 });
  });
  for (const [title, method] of Object.entries(faults))
    it(`is noticed: ${title}`, () => {
      expect(() => checkSaddle(method, plain, { reading: "sum", domainWeight: 1 })).toThrow(
        /is off by|nothing reaches/,
      );
    });
});

describe("the reversal alone", () => {
  it("is stop((1 + lambda) x) - lambda x, an oracle that knows no reversal", () => {
    const x = input("x", { dtype: "float32", shape: [3, 4] });
    const head = (y: Var): Var => reduceMean(square(sub(square(y), 0.5)));
    const feed = normals([3, 4], random(3));
    for (const lambda of lambdas) {
      const factor = input("lambda", { dtype: "float32", shape: [] });
      const ours = gradientReversal(x, factor);
      const oracle = sub(stopGradient(mul(x, add(1, factor))), mul(x, factor));
      const [ourGradient, oracleGradient] = [ours, oracle].map((y) => gradients(head(y), [x])[0]);
      if (ourGradient === undefined || oracleGradient === undefined) throw new Error("no gradient");
      const found = values({ ours, oracle, ourGradient, oracleGradient }, { x: feed, lambda: float64([], [lambda]) });
      expect(found.ours).toEqual([...feed.data].map(Number));
      expect(relativeError(found.ours ?? [], found.oracle ?? [], 0)).toBeLessThan(1e-12);
      expect(relativeError(found.ourGradient ?? [], found.oracleGradient ?? [], 1)).toBeLessThan(1e-12);
    }
  });

  it("takes a number for lambda", () => {
    const x = input("x", { dtype: "float32", shape: [2] });
    const [gradient] = gradients(reduceMean(gradientReversal(x, 3)), [x]);
    if (gradient === undefined) throw new Error("no gradient");
    expect(values({ gradient }, { x: float64([2], [1, 2]) }).gradient).toEqual([-1.5, -1.5]);
  });
});
