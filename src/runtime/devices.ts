/** Which devices exist, which are refused and why, and how `auto` picks. The same words for Node and the browser. */
import { engineError, usageError } from "../errors.ts";
import type { Backend, Device } from "./backend.ts";

/** What `--device` takes. */
export type DeviceRequest = "auto" | "cpu" | "wasm";

/** One line of `dann doctor`. */
export interface DeviceReport {
  readonly device: "cpu" | "wasm" | RefusedDevice;
  readonly available: boolean;
  /** `onnxruntime-node 1.30.0`, where it is known. */
  readonly version?: string;
  /** Why it is or is not available. */
  readonly reason: string;
  /** What would make it available or faster. */
  readonly remedy?: string;
}

/** Devices that ONNX Runtime has and we do not offer, with the reason. */
export const refusedDevices: Readonly<Record<"cuda" | "webgpu" | "coreml" | "dml", string>> = {
  cuda: "training graphs have not been checked on CUDA",
  webgpu: "onnxruntime-web's WebGPU kernels have not been checked against the reference for training graphs",
  coreml: "CoreML runs no training graphs: it takes only part of the operators and 16-bit weights",
  dml: "training graphs have not been checked on DirectML",
};

export type RefusedDevice = keyof typeof refusedDevices;

export const refusedReports = (): DeviceReport[] =>
  (Object.keys(refusedDevices) as RefusedDevice[]).map((device) => ({
    device,
    available: false,
    reason: refusedDevices[device],
  }));

/** Throws for anything that is not offered; narrows what is. */
export function checkDevice(device: string): DeviceRequest {
  if (device === "auto" || device === "cpu" || device === "wasm") return device;
  const remedy = "use auto, cpu or wasm";
  if (Object.hasOwn(refusedDevices, device)) {
    throw engineError(
      "device-refused",
      `device ${device} is not offered: ${refusedDevices[device as RefusedDevice]}`,
      remedy,
    );
  }
  throw usageError("device-unknown", `unknown device "${device}", expected auto, cpu or wasm`, remedy);
}

/** How one device is opened on this platform. */
export type Opener = () => Promise<Backend>;

/** Opens what was asked for; `auto` takes the first that opens, in the order given. */
export async function openFirst(
  request: DeviceRequest,
  openers: Readonly<Partial<Record<Exclude<Device, "reference">, Opener>>>,
): Promise<Backend> {
  if (request !== "auto") {
    const open = openers[request];
    if (open === undefined)
      throw engineError("device-missing", `device ${request} does not exist here`, "use auto or wasm");
    return open();
  }
  const failures: unknown[] = [];
  for (const open of Object.values(openers)) {
    try {
      return await open();
    } catch (cause) {
      failures.push(cause);
    }
  }
  throw engineError(
    "engine-none",
    `no engine could be loaded: ${failures.map((cause) => (cause instanceof Error ? cause.message : String(cause))).join("; ")}`,
    "reinstall the package, or run `dann doctor`",
    { cause: failures[0] },
  );
}
