/**
 * `#runtime` in Node: the native engine where its optional package is installed, else WebAssembly, which is a plain
 * dependency and cannot fail to install. Nothing is loaded before a backend is opened.
 */
import { availableParallelism } from "node:os";
import { DannError, engineError } from "../errors.ts";
import { encodeModel } from "../onnx/encode.ts";
import { encodeSteps } from "../onnx/scan.ts";
import type { Backend } from "./backend.ts";
import { checkDevice, type DeviceReport, type DeviceRequest, openFirst, refusedReports } from "./devices.ts";
import { fuse } from "./fuse.ts";
import { type Ort, openSession } from "./ort-session.ts";
import { type OrtWeb, setPaths, type WasmPaths, wasmBackend } from "./ort-wasm.ts";

export type { DeviceReport, DeviceRequest } from "./devices.ts";

/** Opens an engine: `cpu` native, `wasm` WebAssembly, `auto` the first of these that loads. */
export function openBackend(device: DeviceRequest): Promise<Backend> {
  return openFirst(checkDevice(device), { cpu: openNative, wasm: openWasm });
}

/** What this machine can use, and why or why not: for `dann doctor`. */
export async function availableDevices(): Promise<DeviceReport[]> {
  const probe = async (device: "cpu" | "wasm", open: () => Promise<Backend>, reason: string): Promise<DeviceReport> => {
    try {
      return { device, available: true, version: (await open()).version, reason };
    } catch (cause) {
      const known = cause instanceof DannError;
      const report = { device, available: false, reason: known ? cause.message : String(cause) };
      return known && cause.remedy !== undefined ? { ...report, remedy: cause.remedy } : report;
    }
  };
  return [
    await probe("cpu", openNative, `native code, up to ${availableParallelism()} threads`),
    await probe("wasm", openWasm, "WebAssembly; several times slower than native"),
    ...refusedReports(),
  ];
}

/** Where the WebAssembly engine's files are; in Node they are found by themselves, so this is for unusual bundles. */
export async function setWasmPaths(paths: WasmPaths): Promise<void> {
  setPaths(await loadWeb(), paths);
}

type OrtNode = Ort & { readonly env: { readonly versions: { readonly node?: string; readonly common: string } } };

/** A specifier that no bundler or compiler resolves: the package may be missing. */
const nativePackage: string = "onnxruntime-node";

async function openNative(): Promise<Backend> {
  const ort = await loadNative();
  const version = `onnxruntime-node ${ort.env.versions.node ?? ort.env.versions.common}`;
  const open = (model: Uint8Array, threads: number): ReturnType<Backend["load"]> =>
    openSession(
      {
        ort,
        version,
        writesInPlace: true,
        options: {
          executionProviders: ["cpu"],
          intraOpNumThreads: threads,
          interOpNumThreads: 1,
          executionMode: "sequential",
          graphOptimizationLevel: "all",
          enableCpuMemArena: true,
          enableMemPattern: true,
          logSeverityLevel: 3,
        },
      },
      model,
    );
  return {
    device: "cpu",
    version,
    compile: async (graph, { threads = 1 } = {}) => open(encodeModel(fuse(graph)), threads),
    compileSteps: async (graph, spec, { threads = 1 } = {}) => open(encodeSteps(fuse(graph), spec), threads),
    load: (model, { threads = 1 } = {}) => open(model, threads),
  };
}

async function loadNative(): Promise<OrtNode> {
  try {
    const module = (await import(nativePackage)) as OrtNode & { default?: OrtNode };
    // A CommonJS package: Node puts its exports under `default`, bundlers and loaders may not.
    return module.default ?? module;
  } catch (cause) {
    const missing = (cause as { code?: string }).code === "ERR_MODULE_NOT_FOUND";
    throw engineError(
      missing ? "engine-missing" : "engine-load",
      missing
        ? "the native engine onnxruntime-node is not installed"
        : `the native engine onnxruntime-node cannot be loaded: ${(cause instanceof Error ? cause.message : String(cause)).split("\n")[0]}`,
      "ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node, or use --device wasm",
      { cause },
    );
  }
}

const openWasm = async (): Promise<Backend> => wasmBackend(await loadWeb());

const loadWeb = async (): Promise<OrtWeb> => (await import("onnxruntime-web")) as unknown as OrtWeb;
