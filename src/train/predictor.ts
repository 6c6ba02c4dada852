/** Runs a network that is still training, or just trained, on rows of either domain; its state is an input. */
import { type EncodedRows, gather } from "../data/encode.ts";
import type { PreprocessSpec } from "../data/preprocess.ts";
import type { Domain } from "../domain.ts";
import { internalError } from "../errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Network } from "../methods/method.ts";
import type { Backend, Executable } from "../runtime/backend.ts";
import type { LabelScale, TaskKind } from "../task.ts";
import { type Apart, inferenceGraph, type ModelOutputs } from "./inference.ts";
import { inferenceBatch } from "./inference-batch.ts";
import type { State } from "./state.ts";

export interface Prediction {
  /** [rows, classes] row-major; of a regression [rows, 1], the standardised numbers. */
  readonly logits: Float32Array;
  /** What G_f makes of each row, flattened: [rows, featureWidth]. */
  readonly features: Float32Array;
  readonly featureWidth: number;
  /** What G_d makes of each row, [rows], where it was asked for: above 0 is "target". */
  readonly domainLogits?: Float32Array | undefined;
}

export interface PredictOptions {
  /** Keep the features; default true. They can be much larger than the logits. */
  readonly features?: boolean;
}

export interface Predictor {
  predict(state: State, rows: EncodedRows, domain: Domain, options?: PredictOptions): Promise<Prediction>;
  dispose(): Promise<void>;
}

export interface PredictorRequest {
  readonly network: Network;
  readonly preprocess: PreprocessSpec;
  /** Outputs of G_y. */
  readonly classes: number;
  /** Default `classification`. */
  readonly task?: TaskKind | undefined;
  readonly apart: Apart;
  readonly backend: Backend;
  /** Threads inside one operator. */
  readonly threads: number;
  /** Default `classes`. */
  readonly outputs?: ModelOutputs | undefined;
}

/** Numbers as the network has them. */
const unscaled: LabelScale = { mean: 0, deviation: 1 };

export function createPredictor(request: PredictorRequest): Predictor {
  const compiled = new Map<Domain, Promise<{ executable: Executable; names: readonly string[] }>>();
  const open = (domain: Domain): Promise<{ executable: Executable; names: readonly string[] }> => {
    const known = compiled.get(domain);
    if (known !== undefined) return known;
    const { network, preprocess, apart, backend, threads, outputs, task } = request;
    const { graph, states } = inferenceGraph({
      network,
      preprocess,
      domain,
      apart,
      outputs,
      scale: task === "regression" ? unscaled : undefined,
    });
    const made = backend
      .compile(graph, { threads })
      .then((executable) => ({ executable, names: states.map((state) => state.name) }));
    compiled.set(domain, made);
    return made;
  };

  return {
    async predict(state, rows, domain, { features: keep = true } = {}) {
      const { executable, names } = await open(domain);
      const feeds: Record<string, Tensor> = {};
      for (const name of names) {
        const value = state.get(name);
        if (value === undefined) throw internalError(`the network asks for the state ${name}, which was never trained`);
        feeds[`state:${name}`] = { dtype: "float32", ...value };
      }
      const logits = new Float32Array(rows.rows * request.classes);
      let features = new Float32Array(0);
      let featureWidth = 0;
      const domainLogits = request.outputs === "classes-and-domain" ? new Float32Array(rows.rows) : undefined;
      const size = inferenceBatch(request.preprocess);
      for (let start = 0; start < rows.rows; start += size) {
        const indices = Int32Array.from({ length: Math.min(size, rows.rows - start) }, (_, i) => start + i);
        const out = await executable.run({ ...feeds, ...gather(rows, indices, request.preprocess) });
        logits.set(floats(out.logits ?? out.value), start * request.classes);
        domainLogits?.set(floats(out.domainLogit), start);
        featureWidth = out.features?.dims[1] ?? 0;
        if (!keep) continue;
        if (start === 0) features = new Float32Array(rows.rows * featureWidth);
        features.set(floats(out.features), start * featureWidth);
      }
      return { logits, features, featureWidth, domainLogits };
    },
    async dispose() {
      for (const entry of compiled.values()) await (await entry).executable.dispose();
      compiled.clear();
    },
  };
}

/** Values of a float output; the reference engine answers in float64. */
function floats(tensor: Tensor | undefined): Float32Array | Float64Array {
  if (tensor?.dtype === "float32" || tensor?.dtype === "float64") return tensor.data;
  throw internalError(`expected a float output, got ${tensor?.dtype ?? "nothing"}`);
}
