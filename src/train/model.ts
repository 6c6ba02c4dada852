/** The trained model as a file: raw rows in, probabilities or values out, preprocessing and weights inside. */
import type { PreprocessSpec } from "../data/preprocess.ts";
import type { Domain } from "../domain.ts";
import { usageError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { optimise } from "../graph/passes.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Network } from "../methods/method.ts";
import { encodeModel } from "../onnx/encode.ts";
import { classification, outputsOf, type Task } from "../task.ts";
import { packageVersion } from "../version.ts";
import { bindInputs } from "./bind.ts";
import { type Apart, inferenceGraph, type ModelOutputs } from "./inference.ts";
import { encodeMetadata, type ModelCalibration, type ModelMetadata } from "./metadata.ts";
import type { State } from "./state.ts";

export interface ModelParts {
  readonly network: Network;
  readonly preprocess: PreprocessSpec;
  readonly state: State;
  /** Whose rows the model is for: decides preprocessing, and by what of the network they are read. */
  readonly domain: Domain;
  /** As training gave it with the state. */
  readonly apart: Apart;
  /** Default `classes`: the domain classifier is not in the file. */
  readonly outputs?: ModelOutputs | undefined;
  /** Default: none, probabilities are the softmax of the logits. */
  readonly calibration?: ModelCalibration | undefined;
  /** What it was trained for; default a classification. */
  readonly task?: Task | undefined;
}

export interface ExportRequest extends ModelParts {
  /** Name of each class, in the order of the class indices; none of a regression. */
  readonly classes: readonly string[];
  /** Further texts for the file's metadata; default none. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Bytes of an ONNX file. Inputs: the raw inputs of `rawInputs(preprocess)`, batch size free ("N"). Outputs: `logits`
 * and `probabilities`, float32 [N, classes], the softmax of the logits divided by the temperature; where `outputs` asks for it `domainLogit` and `domain`, float32 [N, 1],
 * the domain classifier's logit and its probability of "target". Nothing else of the domain classifier is in it. A
 * regression has one output instead of logits and probabilities: `value`, float32 [N, 1], in the label's unit.
 */
export function exportModel(request: ExportRequest): Uint8Array {
  const { network, preprocess, classes, domain, calibration, task = classification } = request;
  const { graph, feeds } = trainedGraph(request);
  const { features: _, ...outputs } = graph.outputs;
  const temperature = calibration?.temperature ?? 1;
  if (!(temperature > 0 && Number.isFinite(temperature)))
    throw usageError("temperature", `calibration.temperature: expected a finite number above 0, got ${temperature}`);
  const width = (outputs.value ?? outputs.logits)?.type.shape[1];
  if (width !== outputsOf(task, classes))
    throw usageError("class-count", `expected a name for each of ${width} classes, got ${classes.length}`);
  const bound = bindInputs({ name: network.name, outputs }, feeds);
  const described: ModelMetadata = {
    schema: 1,
    classes,
    preprocess,
    domain,
    network: network.name,
    calibration,
    task: task.kind === "classification" ? undefined : task,
    version: packageVersion,
  };
  return encodeModel(optimise(bound), { metadata: encodeMetadata(described, request.metadata), producer: "dann" });
}

/** The inference graph of trained parts and the feeds that hold their state. */
export function trainedGraph(parts: ModelParts): { graph: Graph; feeds: ReadonlyMap<string, Tensor> } {
  const { network, preprocess, state, domain, apart, outputs, calibration, task } = parts;
  const { graph, states } = inferenceGraph({
    network,
    preprocess,
    domain,
    apart,
    outputs,
    temperature: calibration?.temperature,
    scale: task?.kind === "regression" ? task.scale : undefined,
  });
  const feeds = new Map<string, Tensor>();
  for (const { name, type } of states) {
    const value = state.get(name);
    if (value === undefined)
      throw usageError("state-missing", `the network needs the state ${name}, which was not given`);
    if (value.dims.join() !== type.shape.join())
      throw usageError(
        "state-shape",
        `state ${name}: the network needs [${type.shape.join(",")}], got [${value.dims.join(",")}]`,
      );
    feeds.set(`state:${name}`, { dtype: "float32", ...value });
  }
  return { graph, feeds };
}
