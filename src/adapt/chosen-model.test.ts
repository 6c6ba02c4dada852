import { expect, test } from "vitest";
import { chosenModel } from "./chosen-model.ts";
import type { ModelRow } from "./result.ts";
import type { VerdictCode } from "./verdict.ts";

const row = (name: string, selection: ModelRow["selection"], epoch: number): ModelRow => ({
  ...{ name, method: name, selection, selectable: selection !== "oracle", epoch, validators: {} },
  ...{ metrics: { source: null, target: null }, scoredOn: { source: null, target: null } },
});
const models = [row("source-only", "last", 9), row("dann", "last", 9), row("dann", "validator", 7)];
const verdict = (code: VerdictCode) => ({ code, text: "", remedies: [] });

test("what chose a model is said: the verdict, reverse validation, or that there was no other", () => {
  expect(chosenModel({ models, chosen: 2, verdict: verdict("helped") })).toEqual({
    ...{ name: "dann", selection: "validator", epoch: 7, why: "the verdict is helped" },
  });
  const kept = (code: VerdictCode): string => chosenModel({ models, chosen: 0, verdict: verdict(code) }).why;
  expect(kept("negative-transfer")).toBe(
    "it is kept where adaptation has not helped, and the verdict is negative-transfer",
  );
  const stopped = { models: models.slice(0, 1), chosen: 0, verdict: verdict("diverged") };
  expect(chosenModel(stopped).why).toContain("the verdict is diverged");
  expect(chosenModel({ ...stopped, verdict: verdict("no-gain") }).why).toBe("nothing was adapted");
  const reverseValidation = { rows: 50, risks: { sourceOnly: 0.25, method: 0.2 } };
  expect(chosenModel({ models, chosen: 2, verdict: verdict("no-gain"), reverseValidation }).why).toBe(
    "reverse validation chose it (risk 0.250 of source-only, 0.200 of the method)",
  );
  const from = { run: "runs/first", model: "dann" };
  expect(chosenModel({ models, chosen: 0, verdict: verdict("no-gain"), from }).why).toBe(
    "it is the model that was begun with, and the verdict is no-gain",
  );
});
