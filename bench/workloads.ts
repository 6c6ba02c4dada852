/**
 * The training steps that are timed: forward, backward and update of a whole DANN step, one graph each. The same steps
 * in PyTorch are in `torch_steps.py`; both start from the same numbers, so that their losses can be compared.
 */
import { backboneScope } from "../src/dann/backbone.ts";
import { type DannParts, dann } from "../src/dann/dann.ts";
import { domainLoss, labelLoss, pseudoObjective } from "../src/dann/energy.ts";
import { gradients } from "../src/graph/gradients.ts";
import { type Graph, input, type Tensor, type Var } from "../src/graph/index.ts";
import { optimise } from "../src/graph/passes.ts";
import { sizeOf } from "../src/graph/tensor.ts";
import { activation } from "../src/nn/activations.ts";
import type { BatchNormRegime } from "../src/nn/batch-norm.ts";
import { conv } from "../src/nn/conv.ts";
import type { Layer } from "../src/nn/layer.ts";
import { linear } from "../src/nn/linear.ts";
import { flatten, maxPooling } from "../src/nn/pooling.ts";
import { createStore } from "../src/nn/scope.ts";
import { sequential } from "../src/nn/sequential.ts";
import { sgd } from "../src/optim/sgd.ts";
import { random } from "../src/random.ts";
import { resnet18 } from "./resnet18.ts";

interface Common {
  readonly name: string;
  readonly description: string;
  /** Shape of one row. */
  readonly shape: readonly number[];
  /** Of each domain in a batch of training; of all rows whose features are computed. */
  readonly rows: number;
  /** Steps (passes over the rows) in one timed block of a native engine: around half a second, where that is possible. */
  readonly steps: number;
  /** Steps in one run of the row `repeat`: as many as training takes for such rows (train/stepper.ts); 1: no such row. */
  readonly stepsPerRun: number;
  /** Whether the network is torchvision's ResNet-18, which must be exported first. */
  readonly exported?: boolean;
}

/** A whole training step. */
export interface TrainingWorkload extends Common {
  readonly kind: "training";
  readonly classes: number;
  /** Learning rate; default 0.01. Deep networks get a smaller one: where a loss leaps, two roundings soon differ. */
  readonly rate?: number;
  readonly parts: () => DannParts | Promise<DannParts>;
}

/** Features of a frozen network, computed once for all rows. */
export interface FeaturesWorkload extends Common {
  readonly kind: "features";
}

export type Workload = TrainingWorkload | FeaturesWorkload;

const part = (...layers: Layer[]): Layer => sequential("part", layers);
const fc = (units: number, name: string): Layer => linear(units, { name });

export const workloads: readonly Workload[] = [
  {
    kind: "training",
    name: "mnist",
    description: "paper's MNIST net, 64+64 images 28x28x3",
    shape: [3, 28, 28],
    rows: 64,
    classes: 10,
    steps: 10,
    stepsPerRun: 1,
    parts: () => ({
      featureExtractor: part(
        conv(32, 5, { name: "conv1" }),
        maxPooling(2),
        activation("relu"),
        conv(48, 5, { name: "conv2" }),
        maxPooling(2),
        activation("relu"),
        flatten(),
      ),
      labelPredictor: part(fc(100, "fc1"), activation("relu"), fc(100, "fc2"), activation("relu"), fc(10, "out")),
      domainClassifier: part(fc(100, "fc1"), activation("relu"), fc(1, "out")),
    }),
  },
  {
    kind: "training",
    name: "mlp",
    description: "MLP, 64+64 rows of 512 -> 256",
    shape: [512],
    rows: 64,
    classes: 10,
    steps: 320,
    stepsPerRun: 64,
    parts: () => ({
      featureExtractor: part(fc(256, "fc1"), activation("relu")),
      labelPredictor: part(fc(10, "out")),
      domainClassifier: part(fc(100, "fc1"), activation("relu"), fc(1, "out")),
    }),
  },
  {
    kind: "training",
    name: "shallow",
    description: "shallow, 64+64 rows of 5000 -> 100",
    shape: [5000],
    rows: 64,
    classes: 2,
    steps: 100,
    stepsPerRun: 4,
    parts: () => ({
      featureExtractor: part(fc(100, "fc1"), activation("sigmoid")),
      labelPredictor: part(fc(2, "out")),
      domainClassifier: part(fc(1, "out")),
    }),
  },
  {
    kind: "training",
    name: "moons",
    description: "moons, 32+32 rows of 2 -> 15",
    shape: [2],
    rows: 32,
    classes: 2,
    steps: 1920,
    stepsPerRun: 64,
    parts: () => ({
      featureExtractor: part(fc(15, "fc1"), activation("sigmoid")),
      labelPredictor: part(fc(2, "out")),
      domainClassifier: part(fc(1, "out")),
    }),
  },
  training18("resnet18", "perDomain"),
  training18("resnet18-joint", "joint"),
  {
    kind: "features",
    name: "resnet18-features",
    description: "features of 5,000 images 64x64x3, frozen ResNet-18, random weights",
    shape: [3, 64, 64],
    rows: 5000,
    steps: 1,
    stepsPerRun: 1,
    exported: true,
  },
];

function training18(name: string, regime: BatchNormRegime): TrainingWorkload {
  return {
    kind: "training",
    name,
    description: `ResNet-18, random weights, 32+32 images 64x64x3, all layers trained, batch norm ${regime}`,
    shape: [3, 64, 64],
    rows: 32,
    classes: 10,
    rate: 5e-4,
    steps: 2,
    stepsPerRun: 1,
    exported: true,
    parts: async () => ({
      featureExtractor: await resnet18({ train: "all", batchNorm: regime }),
      labelPredictor: part(fc(10, "out")),
      domainClassifier: part(fc(100, "fc1"), activation("relu"), fc(1, "out")),
    }),
  };
}

/** Inputs that differ from step to step in training. */
export const changing: readonly string[] = ["source/x", "source/y", "target/x", "lambda", "rate"];

/** A step's graph and what it is fed with at the start. State goes round: output `next:x` is the next `state:x`. */
export interface Step {
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly states: readonly string[];
}

/** The numbers that both sides start from: a sine of the index, the same in `torch_steps.py`. */
export function fill(dims: readonly number[], scale: number, offset: number): Float32Array {
  return Float32Array.from({ length: sizeOf(dims) }, (_, index) => Math.sin(index * 12.9898 + offset) * scale);
}

/** Bytes that both sides start from, the same in `torch_steps.py`: the upper byte of a multiplicative hash of the index. */
export const pixels = (count: number): Uint8Array =>
  new Uint8Array(count).map((_, index) => Math.imul(index, 2654435761) >>> 24);

const noise = (count: number): Float32Array => Float32Array.from(pixels(count), (value) => value / 255 - 0.5);

/** One number that a difference in any feature changes: the root of the mean square, of values weighted by 1 to 7. */
export function checksum(values: Float32Array): number {
  let sum = 0;
  values.forEach((value, index) => {
    sum += ((1 + (index % 7)) * value) ** 2;
  });
  return Math.sqrt(sum / values.length);
}

const float = (dims: readonly number[], data: Float32Array): Tensor => ({ dtype: "float32", dims, data });

export async function buildStep(workload: TrainingWorkload): Promise<Step> {
  const { rows, shape } = workload;
  const store = createStore();
  const scope = store.scope({
    kind: "training",
    segments: [
      { domain: "source", rows },
      { domain: "target", rows },
    ],
  });
  const scalar = (name: string): Var => input(name, { dtype: "float32", shape: [] });
  const x = (domain: string): Var => input(`${domain}/x`, { dtype: "float32", shape: [rows, ...shape] });
  const out = dann(await workload.parts()).forward({
    source: x("source"),
    target: x("target"),
    lambda: scalar("lambda"),
    scope,
  });
  const labels = labelLoss(out.classLogits, input("source/y", { dtype: "int64", shape: [rows] }));
  const domains = domainLoss({ sourceLogits: out.sourceDomainLogits, targetLogits: out.targetDomainLogits });
  const loss = pseudoObjective(labels, domains);

  const specs = store.states().filter(({ kind }) => kind === "parameter");
  const values = specs.map(({ name }) => store.variable(name));
  const optimizer = sgd({ momentum: 0.9 });
  const [rate, step] = [scalar("rate"), scalar("step")];
  const outputs: Record<string, Var> = { "term:loss": loss };
  const feeds: Record<string, Tensor> = {};
  const place = torchOrder(specs.map(({ name }) => name).filter((name) => !isImported(name)));
  gradients(loss, values).forEach((gradient, index) => {
    const spec = specs[index];
    const value = values[index];
    if (spec === undefined || value === undefined) return;
    const dims = spec.type.shape;
    const momentum = input(`state:momentum/${spec.name}`, spec.type);
    const next = optimizer.update({ value, gradient, slots: { momentum }, rate, step, decay: false });
    outputs[`next:${spec.name}`] = next.value;
    outputs[`next:momentum/${spec.name}`] = next.slots.momentum ?? momentum;
    // PyTorch keeps the weight of a linear layer as [out, in]: the same numbers in the other order.
    const fanIn = sizeOf(dims) / (dims.length === 2 ? Number(dims[1]) : Number(dims[0]));
    const start = isImported(spec.name)
      ? spec.initialise(random(0))
      : initial(dims, 1 / Math.sqrt(fanIn), place.indexOf(spec.name));
    feeds[`state:${spec.name}`] = float(dims, start);
    feeds[`state:momentum/${spec.name}`] = float(dims, new Float32Array(sizeOf(dims)));
  });

  for (const { name, type, initialise } of store.states().filter(({ kind }) => kind === "statistic")) {
    outputs[`next:${name}`] = store.statisticUpdates().get(name) ?? store.variable(name);
    feeds[`state:${name}`] = float(type.shape, initialise(random(0)));
  }

  // Noise for images of a deep network: batch normalisation blows up what rows that are nearly alike differ in.
  const all = workload.exported ? noise(2 * rows * sizeOf(shape)) : fill([2 * rows, ...shape], 1, 100);
  const half = all.length / 2;
  feeds["source/x"] = float([rows, ...shape], all.slice(0, half));
  feeds["target/x"] = float([rows, ...shape], all.slice(half));
  const y = BigInt64Array.from({ length: rows }, (_, row) => BigInt(row % workload.classes));
  feeds["source/y"] = { dtype: "int64", dims: [rows], data: y };
  feeds.lambda = float([], Float32Array.of(0.5));
  feeds.rate = float([], Float32Array.of(workload.rate ?? 0.01));
  const graph = optimise({ name: workload.name, outputs });
  return {
    graph,
    feeds,
    states: Object.keys(outputs)
      .filter((name) => name.startsWith("next:"))
      .map((name) => name.slice(5)),
  };
}

/** Weights of an imported network start as its file has them. */
const isImported = (name: string): boolean => name.startsWith(`featureExtractor/${backboneScope}/`);

/** Names in the order of `torch_steps.py`: features, label head, domain head. */
function torchOrder(names: readonly string[]): string[] {
  const parts = ["featureExtractor/", "labelPredictor/", "domainClassifier/"];
  return parts.flatMap((prefix) => names.filter((name) => name.startsWith(prefix)));
}

/** Starting values of a parameter: zero for biases, sines for weights, transposed for matrices. */
function initial(dims: readonly number[], scale: number, index: number): Float32Array {
  if (dims.length === 1) return new Float32Array(sizeOf(dims));
  const [inputs = 1, outputs = 1] = dims;
  const values = fill(dims, scale, index);
  if (dims.length !== 2) return values;
  return values.map((_, i) => values[(i % outputs) * inputs + Math.floor(i / outputs)] ?? 0);
}
