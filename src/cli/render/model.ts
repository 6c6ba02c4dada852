/** An ONNX file in words: the text of `dann inspect`. */
import { type DType, printType } from "../../graph/tensor.ts";
import type { ModelDocument } from "../documents.ts";
import { formatBytes } from "./progress.ts";
import type { Paint } from "./style.ts";
import { renderTable } from "./table.ts";

/** Candidates that are shown; the document has them all. */
const shown = 12;

export function renderModel(document: ModelDocument, paint: Paint): string {
  const { model, producer, opset, operators, problem } = document;
  const values = (title: string, types: ModelDocument["inputs"]): string[] =>
    types.map(({ name, dtype, shape }) => `${title}  ${name}  ${printType({ dtype: dtype as DType, shape })}\n`);
  const missing = operators.filter(({ imported }) => !imported);
  return [
    `${paint("bold", model)}: opset ${opset}, made by ${producer || "an unnamed program"}\n`,
    ...values("input ", document.inputs),
    ...values("output", document.outputs),
    `operators: ${operators.map(({ operator, count }) => `${operator} ${count}`).join(", ")}\n`,
    ...(missing.length === 0
      ? []
      : [`${paint("red", "cannot be imported")}: ${missing.map(({ operator }) => operator).join(", ")}\n`]),
    ...(problem === null ? renderImported(document, paint) : []),
  ].join("");
}

function renderImported(
  { parameters, features, gradients, asBackbone, batchNorm, check }: ModelDocument,
  paint: Paint,
): string[] {
  const lines: string[] = [];
  if (parameters !== null) {
    lines.push(
      `weights: ${parameters.count} numbers in ${parameters.tensors} tensors, ${formatBytes(parameters.bytes)}\n`,
    );
  }
  if (asBackbone !== null) lines.push(`as a backbone: ${asBackbone}\n`);
  if (batchNorm !== null) lines.push(`batch normalisation: ${norms(batchNorm)}\n`);
  if (features !== null) {
    const { candidates, chosen } = features;
    lines.push(
      "\n",
      renderTable(
        [{ title: "features" }, { title: "row" }, { title: "operator" }, { title: "" }],
        candidates
          .slice(-shown)
          .map(({ name, shape, operator, why }) => [
            name === chosen?.name ? `${name} *` : name,
            `[${shape.join(",")}]`,
            operator,
            name === chosen?.name ? chosen.why : why,
          ]),
        { paint },
      ),
      candidates.length > shown ? `(the last ${shown} of ${candidates.length}; --json has all)\n` : "",
      chosen === null ? "" : `${paint("dim", "* the default")}\n`,
    );
  }
  if (gradients !== null) {
    const { tensor, problem, unreached, parameters: count } = gradients;
    const verdict =
      problem !== null
        ? `${paint("red", "no gradient")}: ${problem}`
        : unreached.length > 0
          ? `gradients reach ${count - unreached.length} of ${count} weight tensors; not ${unreached.slice(0, 5).join(", ")}`
          : `${paint("green", "gradients")} reach all ${count} weight tensors before it`;
    lines.push("\n", `training through ${tensor}: ${verdict}\n`);
  }
  if (check !== null) {
    const verdict = check.ok ? paint("green", "right") : paint("red", "WRONG");
    lines.push(`gradient against finite differences: ${verdict} (relative error ${check.error.toExponential(1)})\n`);
  }
  return lines;
}

function norms({ kept, folded }: NonNullable<ModelDocument["batchNorm"]>): string {
  if (kept > 0) return `${kept} kept, each can be trained by domain`;
  if (folded.length === 0) return "none";
  return `none; looks folded into ${folded.length} convolutions (export with training=TrainingMode.PRESERVE to keep it)`;
}
