/** `#runtime` in the browser: WebAssembly alone. Threads need a cross-origin isolated page. */
import type { Backend } from "./backend.ts";
import { checkDevice, type DeviceReport, type DeviceRequest, openFirst, refusedReports } from "./devices.ts";
import { type OrtWeb, setPaths, type WasmPaths, wasmBackend } from "./ort-wasm.ts";

export type { DeviceReport, DeviceRequest } from "./devices.ts";

/** Opens the WebAssembly engine; `cpu` does not exist in a browser. */
export function openBackend(device: DeviceRequest): Promise<Backend> {
  return openFirst(checkDevice(device), { wasm: async () => wasmBackend(await loadWeb()) });
}

/** What this page can use, and why or why not. */
export async function availableDevices(): Promise<DeviceReport[]> {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
  const { version } = wasmBackend(await loadWeb());
  const wasm: DeviceReport = {
    device: "wasm",
    available: true,
    version,
    reason: isolated ? "WebAssembly with threads" : "WebAssembly, one thread",
  };
  return [
    { device: "cpu", available: false, reason: "native code does not run in a browser" },
    isolated
      ? wasm
      : { ...wasm, remedy: "serve the page with the headers COOP same-origin and COEP require-corp to use threads" },
    ...refusedReports(),
  ];
}

/**
 * Where the engine's `.wasm` and `.mjs` files are served from, when they do not lie beside the script: a prefix that
 * ends in a slash, or both addresses. Must be called before the first graph is compiled.
 */
export async function setWasmPaths(paths: WasmPaths): Promise<void> {
  setPaths(await loadWeb(), paths);
}

const loadWeb = async (): Promise<OrtWeb> => (await import("onnxruntime-web/wasm")) as unknown as OrtWeb;
