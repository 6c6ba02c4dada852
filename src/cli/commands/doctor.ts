/** `dann doctor`: which engine is used and why, whether its numbers are right, and what would make it faster. */
import { arch, availableParallelism, platform, totalmem } from "node:os";
import { availableDevices, openBackend } from "#runtime";
import { engineError } from "../../errors.ts";
import { packageVersion } from "../../version.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import { benchmark, parity } from "../diagnosis.ts";
import type { DoctorDocument } from "../documents.ts";
import { createOutput } from "../output.ts";
import { formatBytes } from "../render/progress.ts";
import type { Paint } from "../render/style.ts";
import { renderTable } from "../render/table.ts";

export function command(): ReturnType<typeof makeCommand> {
  return makeCommand("doctor", "engine, versions, whether the numbers are right, what would make it faster")
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .action(async (given: unknown) => run(given as { json?: boolean; quiet?: boolean })) as unknown as ReturnType<
    typeof makeCommand
  >;
}

/** Dates after which a release of Node gets no fixes (nodejs/Release). */
const endOfLife: Readonly<Record<string, string>> = {
  20: "2026-04-30",
  22: "2027-04-30",
  24: "2028-04-30",
  26: "2029-04-30",
};

/** The oldest release that had fixes when this version was made. */
const oldestSupported = 22;

async function run(given: { readonly json?: boolean; readonly quiet?: boolean }): Promise<void> {
  const output = createOutput(given);
  const devices = await availableDevices();
  const engines = devices.filter(({ available }) => available).map(({ device }) => device as "cpu" | "wasm");
  const cores = availableParallelism();
  const timings: DoctorDocument["benchmark"] = [];
  const checks: DoctorDocument["parity"] = [];
  for (const device of engines) {
    output.progress.busy(`checking ${device}`);
    const backend = await openBackend(device);
    checks.push({ device, ...(await parity(backend)) });
    for (const threads of device === "cpu" && cores > 1 ? [1, Math.min(cores, 4)] : [1]) {
      timings.push({ device, threads, milliseconds: await benchmark(backend, threads) });
    }
  }
  output.progress.clear();
  const major = process.versions.node.split(".")[0] ?? "";
  const document: DoctorDocument = {
    schema: 1,
    dann: packageVersion,
    node: { version: process.version, endOfLife: endOfLife[major] ?? null },
    platform: `${platform()} ${arch()}`,
    cpus: cores,
    memory: totalmem(),
    devices,
    chosen: engines[0] ?? null,
    benchmark: timings,
    parity: checks,
    advice: advice(Number(major), engines, timings, devices),
  };
  output.document(document);
  output.result(render(document, output.paint));
  if (document.chosen === null) throw engineError("engine-none", "no engine could be loaded", document.advice[0]);
  const wrong = checks.find(({ ok }) => !ok);
  if (wrong !== undefined) {
    throw engineError(
      "engine-numbers",
      `engine ${wrong.device}: expected the numbers of the reference within 1e-4, got a difference of ${wrong.difference}`,
      "Use another --device, and report this.",
    );
  }
}

function advice(
  node: number,
  engines: readonly string[],
  timings: DoctorDocument["benchmark"],
  devices: DoctorDocument["devices"],
): string[] {
  const said: string[] = [];
  const native = devices.find(({ device }) => device === "cpu");
  if (!engines.includes("cpu")) {
    said.push(
      `install the native engine, several times faster than WebAssembly: ${native?.remedy ?? "ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node"}`,
    );
  }
  const [one, more] = timings.filter(({ device }) => device === "cpu");
  if (one !== undefined && more !== undefined && more.milliseconds < 0.8 * one.milliseconds) {
    said.push(
      `images train ${(one.milliseconds / more.milliseconds).toFixed(1)} times as fast with --threads ${more.threads}`,
    );
  }
  if (node < oldestSupported)
    said.push(`Node ${node} gets no fixes any more (since ${endOfLife[String(node)] ?? "long"}): use Node 22 or 24`);
  return said;
}

function render(document: DoctorDocument, paint: Paint): string {
  const { node, devices, chosen, benchmark: timings, parity: checks } = document;
  const life = node.endOfLife === null ? "" : `, fixes until ${node.endOfLife}`;
  return [
    `dann ${document.dann} on Node ${node.version}${life}; ${document.platform}, ${document.cpus} cores, ${formatBytes(document.memory)}\n\n`,
    renderTable(
      [{ title: "device" }, { title: "" }, { title: "engine" }, { title: "why" }],
      devices.map(({ device, available, version, reason, remedy }) => [
        device === chosen ? `${device} *` : device,
        available ? "yes" : "no",
        version ?? "",
        `${reason}${remedy === undefined ? "" : ` (${remedy})`}`,
      ]),
      { paint },
    ),
    chosen === null ? "" : `${paint("dim", "* what --device auto takes: native before WebAssembly")}\n`,
    "\n",
    ...timings.map(
      ({ device, threads, milliseconds }) =>
        `one DANN step of the paper's MNIST network, 64 + 64 images, ${device}, ${threads} ${threads === 1 ? "thread" : "threads"}: ${milliseconds.toFixed(1)} ms\n`,
    ),
    ...checks.map(
      ({ device, difference, ok }) =>
        `numbers of ${device} against the float64 reference: ${ok ? paint("green", "right") : paint("red", "WRONG")} (largest difference ${difference.toExponential(1)})\n`,
    ),
    ...(document.advice.length === 0 ? [] : ["\n"]),
    ...document.advice.map((text) => `${paint("yellow", "advice")}: ${text}\n`),
  ].join("");
}
