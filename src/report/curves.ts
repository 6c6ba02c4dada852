/** The curves of a run, from its events. */
import type { LineChart, Point, Series } from "./line-chart.ts";
import { lookOfModel } from "./look.ts";
import type { EpochLine, ReportedModel, ReportedRun, StepLine } from "./run.ts";
import { titleOf } from "./text.ts";

/**
 * AdaBN beside a method is a handful of steps that train nothing, on rows whose labels are made up: its losses mean
 * nothing. As the method that was asked for it trains first.
 */
const untrainedOf = ({ models }: ReportedRun["result"]): string | undefined =>
  models.some(({ name, selection }) => name === "adabn" && selection === "validator") ? undefined : "adabn";

export interface Curves {
  readonly training: readonly LineChart[];
  readonly scores: readonly LineChart[];
}

export function curvesOf({ events, result }: Pick<ReportedRun, "events" | "result">): Curves {
  const untrained = untrainedOf(result);
  const steps = events.filter((event): event is StepLine => event.type === "step" && event.model !== untrained);
  const epochs = events.filter((event): event is EpochLine => event.type === "epoch" && event.model !== untrained);
  const models = [...new Set([...steps, ...epochs].map(({ model }) => model))];
  // A model without a second term has no use for lambda: it is told to every training all the same.
  const adapting = models.filter((name) =>
    steps.some(({ model, terms }) => model === name && Object.keys(terms).some((term) => !plain.has(term))),
  );
  const regression = result.task.kind === "regression";
  const score = regression ? "Error (RMSE)" : "Accuracy";
  const overSteps = (names: readonly string[], value: (line: StepLine) => number | undefined): Series[] =>
    seriesOf(names, steps, value);
  const terms = namesOf(steps, ({ terms }) => terms);
  const chartOf = (term: string): LineChart => ({
    title: titleOf(term),
    ...(regression && term === "labelLoss" ? squaredNote : termNotes[term]),
    series: overSteps(models, (line) => line.terms[term]),
  });
  const training: LineChart[] = [
    ...first.map(chartOf),
    {
      title: "Lambda",
      hint: "weight of the reversed gradient",
      series: overSteps(adapting, (line) => line.lambda),
    },
    {
      title: "Learning rate",
      series: overSteps(adapting.length > 0 ? adapting : models.slice(0, 1), (line) => line.learningRate),
    },
    ...terms.filter((term) => !first.includes(term)).map(chartOf),
    {
      title: "Gradient norm",
      hint: "before clipping, the largest between two reports",
      series: overSteps(models, (line) => line.gradientNorm?.largest),
    },
  ];
  const overEpochs = (value: (line: EpochLine) => number | undefined): Series[] =>
    withSelected(seriesOf(models, epochs, value), result.models, epochs);
  const scores: LineChart[] = [
    {
      title: `${score} on the source`,
      hint: "sampled rows that did not train",
      series: overEpochs(({ scores }) => scores.source),
    },
    {
      title: `${score} on the target`,
      hint: "from target labels: for the eye alone, nothing is chosen by it",
      series: overEpochs(({ scores }) => scores.target),
    },
    ...namesOf(epochs, ({ validators }) => validators)
      // Drawn already, as the score on the source.
      .filter((name) => name !== "source-accuracy")
      .map((name) => ({
        title: titleOf(name),
        hint: "validator, without target labels",
        series: overEpochs(({ validators }) => validators[name]),
      })),
  ];
  const drawn = (chart: LineChart): boolean => chart.series.length > 0;
  return { training: training.filter(drawn), scores: scores.filter(drawn) };
}

/** In this order, before what a method adds. */
const first = ["labelLoss", "domainLoss", "domainAccuracy"];

/** Terms of a training that adapts nothing. */
const plain: ReadonlySet<string> = new Set(["loss", "labelLoss", "targetLabelLoss"]);

const termNotes: Readonly<Record<string, Pick<LineChart, "hint" | "reference" | "within">>> = {
  loss: { hint: "the sum that is minimised, with the terms of the method" },
  labelLoss: { hint: "cross-entropy of the labels, nats" },
  targetLabelLoss: { hint: "cross-entropy of labelled target rows, nats; a part of the label loss" },
  domainLoss: { hint: "nats, mean of both domains", reference: { y: Math.LN2, label: "ln 2: cannot tell" } },
  domainAccuracy: { hint: "of the domain classifier", reference: { y: 0.5, label: "chance" }, within: [0, 1] },
};

const squaredNote: Pick<LineChart, "hint"> = {
  hint: "squared error of the labels, standardised, or Huber's where it was asked for",
};

const namesOf = <T>(lines: readonly T[], of: (line: T) => Readonly<Record<string, number>>): string[] => [
  ...new Set(lines.flatMap((line) => Object.keys(of(line)))),
];

interface Line {
  readonly model: string;
  readonly step: number;
}

/** A series a model; those that have no value are left out. */
function seriesOf<L extends Line>(
  names: readonly string[],
  lines: readonly L[],
  value: (line: L) => number | undefined,
): Series[] {
  return names.flatMap((name) => {
    const points = lines.flatMap((line): Point[] => {
      const y = line.model === name ? value(line) : undefined;
      return y === undefined || !Number.isFinite(y) ? [] : [{ x: line.step, y }];
    });
    return points.length === 0 ? [] : [{ name, look: lookOfModel(name), points }];
  });
}

/** Rings the epoch that was chosen without target labels. */
const withSelected = (
  series: readonly Series[],
  models: readonly ReportedModel[],
  epochs: readonly EpochLine[],
): Series[] =>
  series.map((one) => {
    const row = models.find(({ name, selection }) => name === one.name && selection === "validator");
    const at = epochs.find(({ model, epoch }) => model === one.name && epoch === row?.epoch)?.step;
    return { ...one, marked: one.points.find(({ x }) => x === at) };
  });
