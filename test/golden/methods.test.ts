/** What every method minimises against PyTorch's autograd, from the papers' equations. */
import { describe, expect, it } from "vitest";
import { gradients } from "../../src/graph/gradients.ts";
import { input, type Var } from "../../src/graph/node.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { centroidLabels } from "../../src/methods/centroids.ts";
import { labelShiftWeights, partialWeights } from "../../src/methods/class-weights.ts";
import { makeMethod } from "../../src/methods/make.ts";
import type { BothSeen, MethodContext, Network } from "../../src/methods/method.ts";
import { type MethodOptions, methods } from "../../src/methods/registry.ts";
import { activation } from "../../src/nn/activations.ts";
import { linear } from "../../src/nn/linear.ts";
import { createStore } from "../../src/nn/scope.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { float64, int64, norm, relativeError, values } from "../support/learning.ts";
import { draw, readGolden } from "./golden.ts";

interface Case {
  readonly name: string;
  readonly options: MethodOptions;
  /** `objective`, or an update before or after it by its place: `before 0`. */
  readonly update: string;
  readonly loss: number;
  readonly gradients: Readonly<Record<string, number[]>>;
}

interface Golden {
  readonly rows: readonly [source: number, target: number];
  readonly inputs: number;
  readonly width: number;
  readonly hidden: number;
  readonly classes: number;
  readonly y: readonly number[];
  readonly pseudoLabels: readonly number[];
  /** SHOT's labels of rows whose features and logits are drawn. */
  readonly centroids: { readonly rows: number; readonly labels: readonly number[] };
  /** Of four classes. The target lacks the last by the first estimate. */
  readonly classWeights: {
    readonly rows: number;
    readonly labels: readonly number[];
    readonly labelShift: readonly number[];
    readonly partial: readonly number[];
  };
  readonly lambda: number;
  readonly cases: readonly Case[];
}

const golden = readGolden<Golden>("methods.json");
const [source, target] = golden.rows;

const network: Network = {
  name: "golden",
  featureExtractor: sequential("featureExtractor", [linear(golden.width), activation("tanh")]),
  labelPredictor: sequential("labelPredictor", [linear(golden.classes)]),
  domainClassifier: sequential("domainClassifier", [
    linear(golden.hidden),
    activation("tanh"),
    linear(1, { name: "logit" }),
  ]),
};

function lossOf({ name, options, update }: Case, context: MethodContext): Var {
  const method = makeMethod({ name, ...options });
  if (update === "objective") return method.objective(context).loss;
  const [which, index] = update.split(" ");
  const found = (which === "before" ? method.before : method.after)?.[Number(index)];
  if (found === undefined) throw new Error(`no update ${update}`);
  return found.loss(context);
}

describe("what methods minimise", () => {
  it.each(golden.cases)("$name $options, $update", (each) => {
    const { readsSource } = makeMethod({ name: each.name });
    const store = createStore();
    const float = (name: string, shape: readonly number[]): Var => input(name, { dtype: "float32", shape });
    const loss = lossOf(each, {
      network,
      scope: store.scope({
        kind: "training",
        segments: [
          ...(readsSource ? [{ domain: "source", rows: source } as const] : []),
          { domain: "target", rows: target },
        ],
      }),
      source: readsSource
        ? {
            domain: "source",
            x: float("source/x", [source, golden.inputs]),
            y: input("source/y", { dtype: "int64", shape: [source] }),
          }
        : undefined,
      target: {
        domain: "target",
        x: float("target/x", [target, golden.inputs]),
        pseudoLabels: input("target/pseudoLabels", { dtype: "int64", shape: [target] }),
      },
      lambda: float("lambda", []),
    });
    const feeds: Record<string, Tensor> = {
      "source/x": draw("source/x", [source, golden.inputs]),
      "target/x": draw("target/x", [target, golden.inputs]),
      "source/y": int64(golden.y),
      "target/pseudoLabels": int64(golden.pseudoLabels),
      lambda: float64([], [golden.lambda]),
    };
    for (const { name, type } of store.states()) feeds[`state:${name}`] = draw(name, type.shape);
    for (const [name, { shape }] of store.noises()) feeds[`noise:${name}`] = draw(name, shape);
    const names = Object.keys(each.gradients);
    const slopes = gradients(
      loss,
      names.map((name) => store.variable(name)),
    );
    const found = values({ loss, ...Object.fromEntries(slopes.map((slope, i) => [names[i], slope])) }, feeds);
    expect(Math.abs((found.loss?.[0] ?? Number.NaN) - each.loss)).toBeLessThan(1e-6 * Math.abs(each.loss));
    const largest = Math.max(...Object.values(each.gradients).map(norm));
    for (const [name, gradient] of Object.entries(each.gradients)) {
      // A constant added to a critic changes no difference: a true zero, to which float32 factors round differently.
      if (norm(gradient) < 1e-12 * largest) expect(norm(found[name] ?? []), name).toBeLessThan(1e-7 * largest);
      else expect(relativeError(found[name] ?? [], gradient, largest), name).toBeLessThan(1e-6);
    }
  });

  it("SHOT's pseudo-labels", () => {
    const { rows, labels } = golden.centroids;
    const drawn = (name: string, width: number): Float32Array =>
      Float32Array.from(draw(name, [rows, width]).data as Float64Array);
    const seen = { rows, classes: golden.classes, featureWidth: golden.width };
    const features = drawn("centroids/features", golden.width);
    const logits = drawn("centroids/logits", golden.classes);
    expect([...centroidLabels({ ...seen, features, logits })]).toEqual(labels);
  });

  it("weights of classes: shares by exact quadratic programming, and mean predictions", () => {
    const { rows, labels, labelShift, partial } = golden.classWeights;
    const classes = 4;
    const logits = (domain: string, added: (row: number, j: number) => number): Float32Array =>
      Float32Array.from(
        draw(`classWeights/${domain}`, [rows, classes]).data as Float64Array,
        (value, i) => 2 * value + added(Math.floor(i / classes), i % classes),
      );
    const seen: BothSeen = {
      classes,
      source: {
        logits: logits("source", (row, j) => (labels[row] === j ? 2 : 0)),
        labels: Int32Array.from(labels),
        drawn: Array.from({ length: classes }, (_, j) => labels.filter((label) => label === j).length / rows),
      },
      target: { logits: logits("target", (_, j) => [1, 0, 0, -3][j] ?? 0) },
    };
    expect(relativeError(labelShiftWeights(seen), labelShift, norm(labelShift))).toBeLessThan(1e-6);
    expect(relativeError(partialWeights(seen), partial, norm(partial))).toBeLessThan(1e-6);
  });

  /** Their losses have golden numbers of their own (`discrepancies.json`); the label loss has those of `losses.json`. */
  const elsewhere = ["source-only", "adabn", "dan", "jan", "deep-coral", "deep-jdot", "afn"];

  it("every row of the registry is in a case", () => {
    const used = new Set([...elsewhere, ...golden.cases.flatMap(({ name }) => name.split("+"))]);
    expect(methods.filter(({ name }) => !used.has(name)).map(({ name }) => name)).toEqual([]);
  });
});
