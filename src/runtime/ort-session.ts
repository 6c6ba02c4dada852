/**
 * One executable over one ONNX Runtime session; `onnxruntime-node` and `onnxruntime-web` share the interface of
 * `onnxruntime-common`, so this file serves both and imports neither.
 */
import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from "onnxruntime-web";
import { engineError } from "../errors.ts";
import type { DType, Tensor } from "../graph/tensor.ts";
import type { Executable, Feeds, Fetches } from "./backend.ts";
import { checkFeeds, checkInto, type Types } from "./check.ts";

/** The part of an ONNX Runtime package that we use. */
export interface Ort {
  readonly InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: TensorConstructor;
}

export interface OrtEngine {
  readonly ort: Ort;
  /** For errors: `onnxruntime-node 1.30.0`. */
  readonly version: string;
  /**
   * Whether the package computes straight into preallocated outputs. Measured: `onnxruntime-node` does (16 MB of output:
   * 5 ms, against 23 ms when it allocates); `onnxruntime-web` hands the tensor back unwritten, so results are copied.
   */
  readonly writesInPlace: boolean;
  readonly options: InferenceSession.SessionOptions;
}

/** Loads a model and gives the executable that runs it. */
export async function openSession(engine: OrtEngine, model: Uint8Array): Promise<Executable> {
  const session = await createSession(engine, model);
  const inputs = typesOf(session.inputMetadata);
  const outputs = typesOf(session.outputMetadata);
  const wrap = tensorWrapper(engine.ort);
  let disposed = false;

  const runOnce = async (feeds: Feeds, into: Fetches): Promise<Fetches> => {
    if (disposed) throw engineError("engine-disposed", "this executable was disposed", "compile the graph again");
    checkFeeds(inputs, feeds);
    checkInto(outputs, into, feeds);
    const given: Record<string, OrtTensor> = {};
    for (const name in feeds) given[name] = wrap(feeds[name] as Tensor);
    // `null` asks the engine to allocate that output.
    const wanted: Record<string, OrtTensor | null> = {};
    for (const name in outputs) {
      const target = into[name];
      wanted[name] = target !== undefined && engine.writesInPlace && !isShared(target) ? wrap(target) : null;
    }
    const results = await runSession(session, given, wanted);
    const fetched: Record<string, Tensor> = {};
    for (const name in outputs) {
      const target = into[name];
      const result = results[name] as OrtTensor;
      if (target === undefined) fetched[name] = unwrap(result);
      else {
        fetched[name] = target;
        if (wanted[name] === null) copyInto(name, result, target);
      }
    }
    return fetched;
  };

  // Runs queue up behind each other: sessions of onnxruntime-web are not re-entrant, and state that is written in
  // place must not be read by the next run before it is complete.
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(feeds, into = {}) {
      const result = last.then(() => runOnce(feeds, into));
      last = result.catch(() => undefined);
      return result;
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      await last;
      await session.release();
    },
  };
}

async function createSession({ ort, options, version }: OrtEngine, model: Uint8Array): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, options);
  } catch (cause) {
    throw engineError("engine-compile", `${version} refused the model: ${oneLine(cause)}`, undefined, { cause });
  }
}

async function runSession(
  session: InferenceSession,
  feeds: Record<string, OrtTensor>,
  fetches: Record<string, OrtTensor | null>,
): Promise<InferenceSession.OnnxValueMapType> {
  try {
    return await session.run(feeds, fetches);
  } catch (cause) {
    throw engineError("engine-run", `the engine failed while running: ${oneLine(cause)}`, undefined, { cause });
  }
}

/** Engine messages span lines and carry source positions; the first line says what happened. */
const oneLine = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]?.trim() ?? "";

function typesOf(metadata: readonly InferenceSession.ValueMetadata[]): Types {
  return Object.fromEntries(
    metadata.map((value) => {
      if (!value.isTensor)
        throw engineError("engine-value", `"${value.name}" is no tensor, expected tensors as inputs and outputs`);
      // Sizes that the file leaves open have no name: each gets its own, so that none is taken for equal to another.
      const shape = value.shape.map((dim, axis) =>
        typeof dim === "string" && dim === "" ? `${value.name}_${axis}` : dim,
      );
      return [value.name, { dtype: value.type as DType, shape }];
    }),
  );
}

/** Tensor -> the engine's tensor over the same memory. State and batches come again and again, so wrappers are kept. */
function tensorWrapper(ort: Ort): (tensor: Tensor) => OrtTensor {
  const wrappers = new WeakMap<Tensor, OrtTensor>();
  const make = (tensor: Tensor, data: Tensor["data"]): OrtTensor =>
    new ort.Tensor(tensor.dtype as "float32", data as Float32Array, tensor.dims);
  return (tensor) => {
    // The native binding takes no shared memory; what a worker shares is copied at each run.
    if (isShared(tensor)) return make(tensor, tensor.data.slice());
    const known = wrappers.get(tensor);
    if (known !== undefined) return known;
    const wrapper = make(tensor, tensor.data);
    wrappers.set(tensor, wrapper);
    return wrapper;
  };
}

const isShared = ({ data }: Tensor): boolean =>
  typeof SharedArrayBuffer !== "undefined" && (data.buffer as ArrayBufferLike) instanceof SharedArrayBuffer;

const unwrap = (tensor: OrtTensor): Tensor =>
  ({ dtype: tensor.type, dims: tensor.dims, data: tensor.data }) as unknown as Tensor;

function copyInto(name: string, result: OrtTensor, target: Tensor): void {
  if (result.dims.length !== target.dims.length || result.dims.some((dim, axis) => dim !== target.dims[axis])) {
    throw engineError(
      "into-size",
      `output "${name}": the preallocated tensor is [${target.dims.join(",")}], the result is [${result.dims.join(",")}]`,
    );
  }
  (target.data as Float32Array).set(result.data as unknown as Float32Array);
}
