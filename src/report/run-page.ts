/** The report of one run. */
import { calibrationBody } from "./calibration.ts";
import { confusion } from "./confusion.ts";
import { curvesOf } from "./curves.ts";
import { type Html, html } from "./html.ts";
import { type LineChart, lineChart } from "./line-chart.ts";
import { comparedModels, howChosen, modelsBody, placesScored } from "./models.ts";
import { page, type Section } from "./page.ts";
import { predictedBody } from "./predicted.ts";
import { type ProjectedEmbedding, project } from "./projection/project.ts";
import type { ReportedModel, ReportedResult, ReportedRun } from "./run.ts";
import { samplesBody, samplesLead } from "./samples.ts";
import { scatter } from "./scatter.ts";
import { plural, short } from "./text.ts";
import { healthBody, verdictCard } from "./verdict.ts";

export async function runReport(run: ReportedRun): Promise<string> {
  const { embedding, result } = run;
  return runPage(run, embedding && (await project(embedding, result.seed)));
}

/** @param projected undefined where there are no features to draw. */
export function runPage(run: ReportedRun, projected: ProjectedEmbedding | undefined): string {
  const { result } = run;
  return page({
    title: `dann report: ${nameOf(result.run)}`,
    subtitle: subtitleOf(result),
    opening: verdictCard(result),
    version: result.version,
    sections: runSections(run, projected),
  });
}

/** @param prefix tells several runs on one page apart. */
export function runSections(run: ReportedRun, projected: ProjectedEmbedding | undefined, prefix = ""): Section[] {
  const { result, confused, predicted, embedding } = run;
  const { training, scores } = curvesOf(run);
  const chosen = result.models[result.chosen];
  const health = healthBody(result.health);
  const calibration = calibrationBody(result);
  const sections: (Section | undefined)[] = [
    health && { id: "health", title: "Health", lead: healthLead(result), body: health },
    { id: "models", title: "Models", body: modelsBody(result) },
    projected && {
      id: "features",
      title: "Features before and after",
      lead: `What the feature extractor makes of sampled rows. Where adaptation worked, ${result.from === undefined ? "the domains lie on each other and the classes apart" : "the classes lie further apart"}.`,
      body: scatter(projected, {
        classes: embedding?.classes ?? result.task.classes,
        before: result.from?.model ?? "source-only",
        id: `${prefix}features`,
      }),
    },
    curves("training", "Training", "Means over the steps between two measurements.", training),
    curves(
      "scores",
      "Scores and validators",
      "At each evaluated epoch. The ring is the epoch that was selected without target labels.",
      scores,
    ),
    answersOf(result, predicted),
    calibration && {
      id: "calibration",
      title: "Calibration",
      lead: "How far the probabilities can be believed: expected calibration errors, before and after the temperature.",
      body: calibration,
    },
    confused.length === 0 || chosen === undefined
      ? undefined
      : {
          id: "samples",
          title: "Most confused samples",
          lead: samplesLead(confused, chosen.name),
          body: samplesBody(confused),
        },
    setupSection(run),
  ];
  return sections.flatMap((section) => (section === undefined ? [] : [{ ...section, id: prefix + section.id }]));
}

const healthLead = ({ notApplicable = [] }: ReportedResult): string =>
  notApplicable.length === 0
    ? "Found without target labels."
    : `Found without target labels. Not applicable to a regression: ${notApplicable.join(", ")}.`;

const curves = (id: string, title: string, lead: string, charts: readonly LineChart[]): Section | undefined =>
  charts.length === 0 ? undefined : { id, title, lead, body: html`<div class="grid">${charts.map(lineChart)}</div>` };

/** The last part of a path, of any system. */
export const nameOf = (run: string | null): string => run?.split(/[\\/]/).filter(Boolean).at(-1) ?? "a run";

function subtitleOf(result: ReportedResult): string {
  const { task, network, seed, steps, seconds, from } = result;
  return [
    comparedModels(result).at(-1)?.name ?? "source-only",
    ...(from === undefined ? [] : [`from ${from.model} of ${nameOf(from.run)}`]),
    `network ${network.name}`,
    `${from === undefined ? `${plural(task.sourceRows, "source row")}, ` : ""}${plural(task.targetRows, "target row")}, ${task.labelledTargetRows === undefined ? "" : `${plural(task.labelledTargetRows, "labelled target row")}, `}${task.kind === "regression" ? "regression" : plural(task.classes.length, "class", "classes")}`,
    `${steps} steps, seed ${seed}`,
    `${short(Math.round(seconds * 10) / 10)} s`,
  ].join(" · ");
}

/** How right the answers are: classes by classes, or numbers by numbers. */
function answersOf(result: ReportedResult, predicted: ReportedRun["predicted"] = []): Section | undefined {
  if (result.task.kind !== "regression")
    return {
      id: "confusion",
      title: "Confusion",
      lead: "Rows of a truth (down) by what they are taken for (across); colour is the share of the truth.",
      body: confusionBody(result),
    };
  if (predicted.length === 0) return undefined;
  const name = result.models[result.chosen]?.name ?? "the chosen model";
  return {
    id: "predicted",
    title: "Predicted against true",
    lead: `Sampled rows that did not train, by ${name}. On the line both are the same.`,
    body: predictedBody(predicted),
  };
}

function confusionBody(result: ReportedResult): Html {
  const { models, chosen } = result;
  const row = models[chosen];
  if (row === undefined) return html``;
  const compared = [...new Set([row, ...comparedModels(result).reverse()])];
  const title = (model: ReportedModel, on: string | null): string => `${model.name} on ${placesScored[on ?? ""] ?? on}`;
  return html`<div class="wide">${compared.map(
    (model) => model.metrics.target !== null && confusion(model.metrics.target, title(model, model.scoredOn.target)),
  )}${compared.map(
    (model) => model.metrics.source !== null && confusion(model.metrics.source, title(model, model.scoredOn.source)),
  )}</div>${
    row.metrics.target === null &&
    html`<p class="note">No target labels were given: confusion on the target is not known.</p>`
  }`;
}

const reverseFact = ({ rows, risks }: NonNullable<ReportedResult["reverseValidation"]>): readonly [string, string] => [
  "Reverse validation",
  `risk ${short(risks.sourceOnly)} of source-only, ${short(risks.method)} of the method, on ${plural(rows, "held-out source row")}: the lower one was chosen`,
];

function setupSection({ result, config, command }: ReportedRun): Section {
  const { network, task, device, threads, stepsPerSecond, verification, warnings, models } = result;
  const chosen = models[result.chosen];
  const facts: readonly (readonly [string, string])[] = [
    [
      "Network",
      `${network.name}: ${network.description.replaceAll("\n", "; ")} (${network.parameters} numbers are trained)`,
    ],
    ["Input", `[${task.inputShape.join(", ")}] after preprocessing`],
    ...(task.sources === undefined
      ? []
      : [
          [
            "Sources",
            `${task.sources.map(({ name, rows }) => `${name} (${plural(rows, "row")})`).join(", ")}: ${task.sources.some(({ apart }) => apart) ? "the domain classifier has a class for each" : "pooled"}`,
          ] as const,
        ]),
    ["Engine", `${device}, ${plural(threads, "thread")}, ${short(stepsPerSecond)} steps a second`],
    [
      "Model file",
      `model.onnx is ${chosen?.name ?? "?"} (${howChosen(result, result.chosen)}); read back, it differs from the trained network by at most ${short(verification.difference)} on ${plural(verification.rows, "row")}`,
    ],
    ...(result.reverseValidation === undefined ? [] : [reverseFact(result.reverseValidation)]),
    ["Seed", String(result.seed)],
    ["Version", `dann ${result.version}`],
  ];
  return {
    id: "setup",
    title: "Configuration",
    body: html`<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>${
      warnings.length > 0 && html`<h3>Warnings</h3><ul>${warnings.map((text) => html`<li>${text}</li>`)}</ul>`
    }<h3>Repeat this run</h3>${
      command === undefined
        ? html`<p>This run was started from code or by a suite, on data that its configuration does not name: no one command repeats it. The same data, options and seed give the same numbers.</p>`
        : html`<pre class="wrap">${command}</pre>`
    }${config !== undefined && html`<details class="data"><summary>config.yaml</summary><pre class="tall" tabindex="0">${config}</pre></details>`}`,
  };
}
