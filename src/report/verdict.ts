/** What stands first: the verdict, the figures behind it, and what a look at the model's health found. */

import type { Finding } from "../evaluate/health/finding.ts";
import { type Html, html } from "./html.ts";
import { comparedModels } from "./models.ts";
import type { ReportedModel, ReportedResult, VerdictCode } from "./run.ts";
import { percent, sentence, short, titleOf } from "./text.ts";

type Tone = "good" | "caution" | "bad";

export const verdictTones: Readonly<Record<VerdictCode, { readonly tone: Tone; readonly title: string }>> = {
  helped: { tone: "good", title: "Adaptation helped" },
  aligned: { tone: "caution", title: "The domains are aligned; the error on the target is not known" },
  "no-gain": { tone: "caution", title: "No gain from adaptation" },
  "negative-transfer": { tone: "bad", title: "Negative transfer: adaptation made it worse" },
  diverged: { tone: "bad", title: "Training diverged" },
};

/** A tick, a bar or a cross: the tone must not hang on colour alone. */
const signs: Readonly<Record<Tone, string>> = {
  good: "M6 12.5l4 4 8-9",
  caution: "M7 12h10",
  bad: "M8 8l8 8m0-8l-8 8",
};

/** @param id tells several runs on one page apart. */
export function verdictCard(result: ReportedResult, id = "verdict"): Html {
  const { verdict } = result;
  const { tone, title } = verdictTones[verdict.code];
  const text = sentence(verdict.text.replace(`${verdict.code}: `, ""));
  return html`<section id="${id}" class="verdict ${tone}"><h2><svg viewBox="0 0 24 24" width="28" height="28" aria-hidden="true"><circle cx="12" cy="12" r="11" fill="none" stroke="currentColor" stroke-width="2"/><path d="${signs[tone]}" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round"/></svg>${title}</h2><p>${text}</p>${remedies(verdict.remedies)}<div class="tiles">${tilesOf(
    result,
  ).map(({ value, label }) => html`<div class="tile"><b>${value}</b><span>${label}</span></div>`)}</div></section>`;
}

export const remedies = (texts: readonly string[]): Html | undefined =>
  texts.length === 0 ? undefined : html`<p>Worth a try:</p><ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`;

/** The model to use, then what is compared, whichever was chosen. */
function tilesOf(result: ReportedResult): { value: string; label: string }[] {
  const { models, chosen, domainDistance } = result;
  const row = models[chosen];
  const compared = comparedModels(result);
  if (row === undefined) return [];
  const pair = compared.map(({ name }) => name).join(" → ");
  const change = (
    of: (model: ReportedModel) => number | undefined,
    print: (value: number) => string = percent,
  ): string | undefined => {
    const values = compared.flatMap((model) => of(model) ?? []);
    return values.length === 0 ? undefined : values.map(print).join(" → ");
  };
  const regression = row.errors !== undefined;
  const score = regression ? "error (RMSE)" : "accuracy";
  const target = regression
    ? change(({ errors }) => errors?.target?.rmse, short)
    : change(({ metrics }) => metrics.target?.accuracy);
  const source = regression
    ? change(({ errors }) => errors?.source.rmse, short)
    : change(({ metrics }) => metrics.source?.accuracy);
  return [
    {
      value: row.name,
      label: `the model to use, chosen without target labels${row.selection === "validator" ? `: epoch ${short(row.epoch)}` : ""}`,
    },
    ...(target === undefined ? [] : [{ value: target, label: `${score} on the target, ${pair}` }]),
    ...(domainDistance === null
      ? []
      : [
          { value: source ?? "–", label: `${score} on the source, ${pair}` },
          {
            value: `${domainDistance.sourceOnly.toFixed(2)} → ${domainDistance.after.toFixed(2)}`,
            label: "distance of the domains in the features (0 to 2)",
          },
        ]),
  ];
}

/** Undefined where health was not looked at: nothing was adapted, or an older version wrote the result. */
export function healthBody(findings: readonly Finding[] | undefined): Html | undefined {
  if (findings === undefined) return undefined;
  if (findings.length === 0) return html`<p>Nothing was found.</p>`;
  return html`${findings.map(
    ({ code, level, text, numbers, remedies: texts }) =>
      html`<div class="finding ${level === "warning" ? "caution" : "note-level"}"><h3>${level === "warning" ? "Warning" : "Note"}: ${titleOf(code)}</h3><p>${sentence(text)}.</p><p class="numbers">${Object.entries(
        numbers,
      ).map(
        ([name, value], at) => html`${at > 0 && " · "}${titleOf(name)} ${short(value)}`,
      )}</p>${remedies(texts)}</div>`,
  )}`;
}
