/** `dann inspect`: what is in an ONNX file, which tensor could serve as features, and can it be trained through? */
import { backboneInput, inputHint } from "../../adapt/backbone-input.ts";
import { DannError, runError, usageError } from "../../errors.ts";
import { sizeOf, type TensorType } from "../../graph/tensor.ts";
import { type Differentiability, differentiability } from "../../onnx/differentiable.ts";
import { featureLayers, foldedBatchNorms } from "../../onnx/features.ts";
import { describeOnnx, type ImportedModel, importOnnx } from "../../onnx/import.ts";
import { externalData } from "../../runtime/external-data.ts";
import { readBytes } from "../../train/read-bytes.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import type { ModelDocument } from "../documents.ts";
import { checkGradient } from "../gradient-check.ts";
import { createOutput } from "../output.ts";
import { renderModel } from "../render/model.ts";

interface InspectOptions {
  readonly features?: string;
  readonly size: readonly string[];
  readonly check?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function command(): ReturnType<typeof makeCommand> {
  return makeCommand("inspect", "what is in an ONNX file; which tensor could be the features; can it be trained?")
    .argument("<model>", "an .onnx file, its external data beside it")
    .option("--features <tensor>", "look at this tensor instead of the default features")
    .option(
      "--size <name=number>",
      "a number for a named size of the inputs; may be given several times",
      (value: string, before: readonly string[]) => [...before, value],
      [] as readonly string[],
    )
    .option("--check", "compare the gradient with finite differences along a random direction, in float64")
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .addHelpText("after", "\nExample:\n  dann inspect resnet18.onnx --check")
    .action(async (model: unknown, given: unknown) =>
      run(String(model), given as InspectOptions),
    ) as unknown as ReturnType<typeof makeCommand>;
}

async function run(path: string, given: InspectOptions): Promise<void> {
  const output = createOutput(given);
  const bytes = await readBytes(path);
  const { info, operators } = describeOnnx(bytes, path);
  const sizes = sizesOf(given.size);
  const opened = await importOnnx(bytes, {
    name: path,
    external: externalData(path),
    sizes,
    // A tensor in front of what cannot be imported may serve all the same.
    ...(given.features === undefined ? {} : { wanted: [given.features] }),
  }).catch((cause: unknown) => {
    if (cause instanceof DannError && cause.code === "onnx-operator") return cause;
    throw cause;
  });
  const { producer, opset, inputs, outputs } = info;
  const base = {
    schema: 1,
    model: path,
    producer,
    opset,
    inputs: named(inputs),
    outputs: named(outputs),
    operators,
  } as const;
  if (opened instanceof DannError) {
    const document: ModelDocument = { ...base, problem: opened.message, ...nothing };
    output.document(document);
    output.result(renderModel(document, output.paint));
    throw opened;
  }
  const document = { ...base, ...(await examined(opened, given, output.progress.busy)) };
  output.progress.clear();
  output.document(document);
  output.result(renderModel(document, output.paint));
  const { check } = document;
  if (check !== null && !check.ok) {
    throw runError(
      "gradient-check",
      `the gradient along a random direction is ${check.gradient}, finite differences give ${check.difference}`,
      "Please report this with the model.",
    );
  }
}

const nothing = {
  parameters: null,
  features: null,
  gradients: null,
  asBackbone: null,
  batchNorm: null,
  check: null,
} as const;

type Examined = Omit<ModelDocument, "schema" | "model" | "producer" | "opset" | "inputs" | "outputs" | "operators">;

async function examined(model: ImportedModel, given: InspectOptions, busy: (text: string) => void): Promise<Examined> {
  const tensors = [...model.parameters.values()];
  const count = tensors.reduce((sum, { dims }) => sum + sizeOf(dims), 0);
  const { candidates, chosen } = featureLayers(model);
  const tensor = given.features ?? chosen?.name;
  let gradients: Differentiability | undefined;
  if (tensor !== undefined) gradients = differentiability(model, tensor);
  if (given.check === true) {
    busy("computing gradients in float64");
    if (tensor === undefined || gradients?.problem !== undefined) {
      throw usageError("check-gradient", `--check: ${gradients?.problem ?? "nothing depends on the inputs"}`);
    }
  }
  return {
    problem: null,
    parameters: { tensors: tensors.length, count, bytes: 4 * count },
    features: { candidates, chosen: chosen ?? null },
    gradients:
      gradients === undefined || tensor === undefined
        ? null
        : {
            tensor,
            parameters: gradients.parameters.length,
            unreached: gradients.unreached,
            problem: gradients.problem ?? null,
          },
    asBackbone: inputHint(backboneInput(model.info), readers(model)) ?? null,
    batchNorm: { kept: model.batchNorms.length, folded: foldedBatchNorms(model) },
    check: given.check === true && tensor !== undefined ? checkGradient(model, tensor) : null,
  };
}

/** Operators that read an input itself. */
const readers = ({ inputs, layers }: ImportedModel): string[] =>
  layers.filter(({ reads }) => reads.some((name) => name in inputs)).map(({ operator }) => operator);

const named = (types: Readonly<Record<string, TensorType>>): ModelDocument["inputs"] =>
  Object.entries(types).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));

function sizesOf(given: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, size] = /^(.+)=(\d+)$/.exec(text) ?? [];
      if (name === undefined) throw usageError("flag-value", `--size: expected NAME=NUMBER, got "${text}"`);
      return [name, Number(size)];
    }),
  );
}
