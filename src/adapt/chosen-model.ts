/** Which of a run's models its `model.onnx` is, and why: what is asked for labels should say whose they are. */
import { nodeModules } from "../data/files.ts";
import { internalError } from "../errors.ts";
import { type AdaptResult, type ModelRow, parseResult } from "./result.ts";
import { readTextIfThere, runFiles } from "./run-folder.ts";
import { usesAdapted } from "./verdict.ts";

export interface ChosenModel extends Pick<ModelRow, "name" | "selection" | "epoch"> {
  /** What chose it, as half a sentence. */
  readonly why: string;
}

type Choice = Pick<AdaptResult, "models" | "chosen" | "verdict" | "from" | "reverseValidation">;

export function chosenModel(result: Choice): ChosenModel {
  const row = result.models[result.chosen];
  if (row === undefined) throw internalError("the chosen model has no row");
  const { name, selection, epoch } = row;
  return { name, selection, epoch, why: whyChosen(result) };
}

function whyChosen({ models, verdict: { code }, from, reverseValidation }: Choice): string {
  if (reverseValidation !== undefined) {
    const { sourceOnly, method } = reverseValidation.risks;
    return `reverse validation chose it (risk ${sourceOnly.toFixed(3)} of source-only, ${method.toFixed(3)} of the method)`;
  }
  if (usesAdapted(code)) return `the verdict is ${code}`;
  if (from !== undefined) return `it is the model that was begun with, and the verdict is ${code}`;
  // A method that was trained to its end has an epoch that was selected.
  const adapted = code === "diverged" || models.some(({ selection }) => selection === "validator");
  return adapted ? `it is kept where adaptation has not helped, and the verdict is ${code}` : "nothing was adapted";
}

/** Of a finished run's folder; null where its result cannot be read, which its model does not need to answer. */
export async function chosenOfRun(path: string): Promise<ChosenModel | null> {
  const file = nodeModules().path.join(path, runFiles.result);
  try {
    const text = await readTextIfThere(file);
    return text === undefined ? null : chosenModel(parseResult(text, file));
  } catch {
    return null;
  }
}
