import { describe, expect, test } from "vitest";
import { engineError } from "../errors.ts";
import type { Backend } from "./backend.ts";
import { checkDevice, openFirst, refusedDevices } from "./devices.ts";
import { availableDevices, openBackend } from "./node.ts";
import { referenceBackend } from "./reference.ts";

describe("devices", () => {
  test.each(Object.keys(refusedDevices))("%s is refused with a reason", (device) => {
    expect(() => checkDevice(device)).toThrow(
      expect.objectContaining({ kind: "engine", code: "device-refused" }) as Error,
    );
  });

  test("an unknown device is a usage error", () => {
    expect(() => checkDevice("gpu")).toThrow(/^unknown device "gpu", expected auto, cpu or wasm$/);
  });

  const works = async (): Promise<Backend> => referenceBackend();
  const fails = async (): Promise<Backend> => {
    throw engineError("engine-missing", "not installed", "install it");
  };

  test("auto goes on to the next engine when one cannot be loaded; a named one does not", async () => {
    expect((await openFirst("auto", { cpu: fails, wasm: works })).device).toBe("reference");
    await expect(openFirst("cpu", { cpu: fails, wasm: works })).rejects.toMatchObject({ code: "engine-missing" });
    await expect(openFirst("auto", { cpu: fails, wasm: fails })).rejects.toThrow(
      /^no engine could be loaded: not installed; not installed$/,
    );
    await expect(openFirst("cpu", { wasm: works })).rejects.toMatchObject({ kind: "engine", code: "device-missing" });
  });

  test("auto opens the native engine where it is installed, and the report says so", async () => {
    const reports = await availableDevices();
    const cpu = reports.find(({ device }) => device === "cpu");
    expect((await openBackend("auto")).device).toBe(cpu?.available === true ? "cpu" : "wasm");
    expect(reports.find(({ device }) => device === "wasm")).toMatchObject({ available: true });
    for (const report of reports) expect(report.reason).not.toBe("");
  });

  test("wasm keeps the thread count that it was started with, and says so", async () => {
    const backend = await openBackend("wasm");
    const graph = { name: "nothing", outputs: {} };
    await backend.compile(graph, { threads: 1 }).then(
      (executable) => executable.dispose(),
      () => undefined,
    );
    await expect(backend.compile(graph, { threads: 2 })).rejects.toMatchObject({ code: "wasm-threads" });
  });
});
