/** What every engine offers: compile a graph once, run it many times. */
import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { StepsSpec } from "../onnx/scan.ts";

export type { StepsSpec } from "../onnx/scan.ts";

/** Where a graph runs. `reference` is the slow float64 oracle of the tests. */
export type Device = "cpu" | "wasm" | "reference";

export type Feeds = Readonly<Record<string, Tensor>>;
export type Fetches = Readonly<Record<string, Tensor>>;

export interface CompileOptions {
  /** Threads inside one operator. Default 1: results are repeatable for a given count. */
  readonly threads?: number;
}

/** A compiled graph. Runs of one executable do not overlap: `run` waits for its predecessor. */
export interface Executable {
  /**
   * Runs the graph.
   * @param feeds a tensor for every input; types and static sizes must match.
   * @param into preallocated outputs by name, overwritten in place: state that goes round in a loop costs no
   *   allocation. Must not alias a feed of the same run.
   */
  run(feeds: Feeds, into?: Fetches): Promise<Fetches>;
  dispose(): Promise<void>;
}

export interface Backend {
  readonly device: Device;
  /** For `doctor` and results: name and version, such as `onnxruntime-node 1.30.0`. */
  readonly version: string;
  compile(graph: Graph, options?: CompileOptions): Promise<Executable>;
  /**
   * Compiles a graph to run many steps in one call: what is `carried` goes from step to step, what is `stacked` is fed
   * as [steps, ...], and outputs that are not carried come back as [steps, ...]. The same numbers as single steps.
   */
  compileSteps(graph: Graph, spec: StepsSpec, options?: CompileOptions): Promise<Executable>;
  /** Runs a foreign or exported ONNX file as it is. */
  load(model: Uint8Array, options?: CompileOptions): Promise<Executable>;
}
