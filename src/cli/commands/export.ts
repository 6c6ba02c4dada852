/** `dann export`: a trained model of a run as an ONNX file that is verified after it was written. */
import { basename, resolve } from "node:path";
import { type EngineReport, type Exported, exportRun } from "../../adapt/export.ts";
import { usageError } from "../../errors.ts";
import type { TensorType } from "../../graph/tensor.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import type { ExportDocument } from "../documents.ts";
import { createOutput } from "../output.ts";
import { formatBytes } from "../render/progress.ts";
import type { Paint } from "../render/style.ts";
import { renderTable } from "../render/table.ts";

interface ExportFlags {
  readonly model: string;
  readonly out?: string;
  readonly with?: string;
  readonly without?: string;
  readonly parameters?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function command(): ReturnType<typeof makeCommand> {
  return makeCommand("export", "a trained model of a run as an ONNX file, verified after writing")
    .argument("<run>", "a run's folder")
    .option(
      "--model <name>",
      "chosen, last (the method after its last step), source-only, or the method (its epoch selected without target labels)",
      "chosen",
    )
    .option("--out <file.onnx>", "where to write; default: the run's name with .onnx, here")
    .option("--with <part>", "domain-classifier: outputs domainLogit and domain, the probability of being a target row")
    .option("--without <part>", "domain-classifier: classes alone (default)")
    .option("--parameters <file.safetensors>", "also write all parameters by name, for other frameworks")
    .option("--force", "replace files that exist")
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .addHelpText(
      "after",
      "\nThe file is read back and run in every engine that is here, on held-out rows of the run (where its files are still\n" +
        "there) and on random ones, against a float64 forward pass with the weights of the checkpoint. Where they differ it is\n" +
        "not left in place, and the exit code is 1.\n" +
        "\nExamples:\n  dann export runs/b --out b.onnx\n  dann export runs/b --model dann --with domain-classifier --parameters b.safetensors",
    )
    .action(async (run: unknown, given: unknown) =>
      execute(String(run), given as ExportFlags),
    ) as unknown as ReturnType<typeof makeCommand>;
}

async function execute(run: string, given: ExportFlags): Promise<void> {
  const output = createOutput(given);
  const withDomain = partOf(given);
  const out = given.out ?? `${basename(resolve(run))}.onnx`;
  extension("--out", out, ".onnx");
  if (given.parameters !== undefined) extension("--parameters", given.parameters, ".safetensors");
  output.progress.busy("writing and verifying");
  try {
    const exported = await exportRun(run, {
      model: given.model,
      out,
      parameters: given.parameters,
      outputs: withDomain ? "classes-and-domain" : "classes",
      existing: given.force === true ? "replace" : "refuse",
    });
    output.progress.clear();
    output.document(documentOf(run, exported));
    output.result(render(exported, output.paint));
  } finally {
    output.progress.clear();
  }
}

/** Whether the domain classifier is asked for. */
function partOf({ with: including, without }: ExportFlags): boolean {
  for (const [flag, part] of Object.entries({ "--with": including, "--without": without }))
    if (part !== undefined && part !== "domain-classifier")
      throw usageError("flag-value", `${flag}: expected domain-classifier, got "${part}"`);
  if (including !== undefined && without !== undefined)
    throw usageError("flag-value", "--with and --without: expected one of them, got both");
  return including !== undefined;
}

function extension(flag: string, path: string, wanted: string): void {
  if (!path.endsWith(wanted))
    throw usageError("flag-value", `${flag}: expected a name that ends in ${wanted}, got "${path}"`);
}

const documentOf = (run: string, exported: Exported): ExportDocument => ({
  schema: 1,
  run,
  out: exported.out,
  bytes: exported.bytes,
  model: { ...exported.model },
  classes: [...exported.classes],
  opset: exported.opset,
  inputs: declared(exported.inputs),
  outputs: declared(exported.outputs),
  metadata: [...exported.metadata],
  tolerance: exported.tolerance,
  verification: exported.verification.map((report) =>
    "absent" in report ? { ...report } : { ...report, outputs: { ...report.outputs } },
  ),
  withoutData: exported.withoutData ?? null,
  parameters: exported.parameters ?? null,
  tokenizer: exported.tokenizer ?? null,
});

const declared = (types: Readonly<Record<string, TensorType>>): ExportDocument["inputs"] =>
  Object.entries(types).map(([name, { dtype, shape }]) => ({ name, dtype, shape: [...shape] }));

function render(exported: Exported, paint: Paint): string {
  const { model, verification, parameters, withoutData, tokenizer } = exported;
  const types = (of: Readonly<Record<string, TensorType>>): string =>
    Object.entries(of)
      .map(([name, { dtype, shape }]) => `${name} ${dtype} [${shape.join(", ")}]`)
      .join("; ");
  return [
    `${exported.out}: ${model.name}, ${model.selection === "last" ? "last step" : `epoch ${model.epoch}, selected without target labels`}, ${formatBytes(exported.bytes)}\n`,
    `opset ${exported.opset}; N is the batch, of any size\n`,
    `in   ${types(exported.inputs)}\n`,
    `out  ${types(exported.outputs)}\n`,
    `metadata ${exported.metadata.join(", ")}\n\n`,
    renderTable(
      [
        { title: "verified in" },
        { title: "rows" },
        { title: "largest relative difference from the float64 reference" },
      ],
      verification.map(rowOf),
      { paint },
    ),
    `within ${exported.tolerance} everywhere; batches of 1 and of all rows\n`,
    withoutData === undefined ? "" : `without rows of the run: ${withoutData}\n`,
    parameters === undefined ? "" : `${parameters.path}: ${parameters.tensors} tensors, read back bit by bit\n`,
    tokenizer === undefined ? "" : `${tokenizer}: the tokenizer, to be kept beside the model\n`,
  ].join("");
}

const rowOf = (report: EngineReport): string[] =>
  "absent" in report
    ? [report.device, "", `not verified: ${report.absent}`]
    : [
        report.engine,
        `${report.count} ${report.rows}`,
        Object.entries(report.outputs)
          .map(([name, difference]) => `${name} ${difference.toExponential(1)}`)
          .join(", "),
      ];
