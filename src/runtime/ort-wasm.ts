/**
 * `onnxruntime-web`'s WebAssembly engine, for the browser and, in Node, wherever the native package is missing.
 * Its threads form one pool that the process starts once, so the first graph that is compiled decides their number.
 */
import type { Env } from "onnxruntime-web";
import { engineError } from "../errors.ts";
import { encodeModel } from "../onnx/encode.ts";
import { encodeSteps } from "../onnx/scan.ts";
import type { Backend, CompileOptions } from "./backend.ts";
import { fuse } from "./fuse.ts";
import { type Ort, openSession } from "./ort-session.ts";

/** The module `onnxruntime-web` (or its `/wasm` entry). */
export type OrtWeb = Ort & { readonly env: Env };

/** A backend over a loaded `onnxruntime-web`. */
export function wasmBackend(ort: OrtWeb): Backend {
  const version = `onnxruntime-web ${ort.env.versions.web ?? ort.env.versions.common} (wasm)`;
  const open = async (model: Uint8Array, { threads }: CompileOptions): ReturnType<Backend["load"]> => {
    startThreads(ort, threads);
    return openSession(
      {
        ort,
        version,
        writesInPlace: false,
        options: {
          executionProviders: ["wasm"],
          graphOptimizationLevel: "all",
          executionMode: "sequential",
          logSeverityLevel: 3,
          ...memory,
        },
      },
      model,
    );
  };
  return {
    device: "wasm",
    version,
    compile: async (graph, options = {}) => open(encodeModel(fuse(graph)), options),
    compileSteps: async (graph, spec, options = {}) => open(encodeSteps(fuse(graph), spec), options),
    load: (model, options = {}) => open(model, options),
  };
}

/** A prefix that ends in a slash, or both addresses. */
export type WasmPaths = string | { readonly wasm: string; readonly mjs: string };

export function setPaths(ort: OrtWeb, paths: WasmPaths): void {
  ort.env.wasm.wasmPaths = typeof paths === "string" ? paths : { ...paths };
}

const memory = { enableCpuMemArena: true, enableMemPattern: true } as const;

/** Thread count that the process's engine was started with, by its settings object: a module may be loaded twice. */
const started = new WeakMap<object, number>();

function startThreads(ort: OrtWeb, threads: number | undefined): void {
  const running = started.get(ort.env);
  if (running === undefined) {
    const count = threads ?? 1;
    ort.env.wasm.numThreads = count;
    ort.env.logLevel = "error";
    started.set(ort.env, count);
  } else if (threads !== undefined && threads !== running) {
    throw engineError(
      "wasm-threads",
      `the wasm engine was started with ${running} thread${running === 1 ? "" : "s"} in this process, got a request for ${threads}`,
      "compile with the same number of threads, or use a new process or worker",
    );
  }
}
