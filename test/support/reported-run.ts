/** Made-up runs for reports: small ones, ones with hostile names, and ones that are as large as they get. */
import { metrics } from "../../src/evaluate/metrics.ts";
import { type Random, random } from "../../src/random.ts";
import type { ConfusedSample, FeatureView, ReportedEvent, ReportedResult, ReportedRun } from "../../src/report/run.ts";

export interface MadeReport {
  readonly classes?: readonly string[];
  /** Rows of each domain in the embedding. */
  readonly rows?: number;
  readonly width?: number;
  readonly steps?: number;
  readonly epochs?: number;
  readonly samples?: readonly ConfusedSample[];
  readonly labelled?: boolean;
  readonly result?: Partial<ReportedResult>;
}

/** Tags, attributes, entities, what turns text around, and what a template would take for its own. */
export const hostileNames = [
  "<script>globalThis.bad = 1</script>",
  '"><img src=x onerror="globalThis.bad = 2">',
  "'--></style></title><svg onload=alert(1)>",
  "a & b &lt; \u0024{c}",
  "\u202etxet denrut\u0000",
];

export function reportedRun(made: MadeReport = {}): ReportedRun {
  const {
    classes = ["cat", "dog"],
    rows = 40,
    width = 3,
    steps = 10,
    epochs = 4,
    samples = [],
    labelled = true,
  } = made;
  const chance = random("reported run");
  const scored = (right: number): ReportedResult["models"][number]["metrics"]["source"] => {
    const truth = Int32Array.from({ length: 20 * classes.length }, (_, row) => row % classes.length);
    return metrics(
      truth,
      truth.map((label) => (chance.uniform() < right ? label : chance.integer(classes.length))),
      classes,
    );
  };
  const row = (name: string, selection: "last" | "validator" | "oracle" | "target-trained", right: number) => ({
    ...{ name, selection, selectable: selection === "last" || selection === "validator", epoch: epochs },
    metrics: { source: scored(0.95), target: labelled ? scored(right) : null },
    scoredOn: { source: "source-holdout", target: labelled ? "target" : null },
    ...(name === "dann" && { calibration: calibrationOf(labelled) }),
  });
  return {
    result: {
      run: "runs/made",
      task: { kind: "classification", classes, sourceRows: 100, targetRows: 90, inputShape: [width] },
      network: { name: "mlp", description: "fc 3\nfc 2", parameters: 12 },
      models: [row("source-only", "last", 0.5), row("dann", "last", 0.8), row("dann", "validator", 0.8)],
      chosen: 2,
      verdict: { code: "helped", text: "helped: it is so: 0.1 -> 0.2.", remedies: ["--set a=1"] },
      domainDistance: { before: 1.9, sourceOnly: 1.8, after: 0.7 },
      health: [{ code: "label-shift", level: "warning", text: "shifted", numbers: { low: 0.1 }, remedies: ["look"] }],
      ...{ steps, seconds: 3.21, stepsPerSecond: 100, device: "cpu", threads: 1, seed: 0 },
      verification: { difference: 1e-6, rows: 20 },
      ...{ warnings: [], version: "0.1.0" },
      ...made.result,
    },
    events: [...eventsOf("source-only", steps, epochs, chance), ...eventsOf("dann", steps, epochs, chance)],
    embedding: {
      sourceLabels: Int32Array.from({ length: rows }, (_, row) => row % classes.length),
      classes,
      before: view(rows, width, classes.length, chance),
      after: view(rows, width, classes.length, chance),
    },
    confused: samples,
    config: "train:\n  seed: 0\n",
    command: "dann adapt --config runs/made/config.yaml --out FOLDER",
  };
}

const bins = [
  { rows: 10, confidence: 0.6, accuracy: 0.4 },
  { rows: 30, confidence: 0.97, accuracy: 0.9 },
];
const calibrationOf = (labelled: boolean): NonNullable<ReportedResult["models"][number]["calibration"]> => ({
  ...{ temperature: 1.4, basis: "weighted", why: null },
  source: { rows: 40, ece: { before: 0.12, after: 0.08 }, bins },
  weighted: { overlap: 0.9, effectiveRows: 33.4 },
  estimatedTargetEce: { before: 0.2, after: 0.15 },
  target: labelled ? { rows: 90, ece: { before: 0.3, after: 0.25 }, bins } : null,
});

function eventsOf(model: string, steps: number, epochs: number, chance: Random): ReportedEvent[] {
  const adapts = model !== "source-only";
  return [
    ...Array.from({ length: steps }, (_, at) => ({
      ...({ type: "step", model, step: at + 1, lambda: at / steps, learningRate: 0.01 } as const),
      terms: {
        labelLoss: chance.uniform(),
        ...(adapts && { domainLoss: chance.uniform(), domainAccuracy: chance.uniform() }),
      },
    })),
    ...Array.from({ length: epochs }, (_, at) => ({
      ...({ type: "epoch", model, epoch: at + 1, step: Math.round(((at + 1) * steps) / epochs) } as const),
      validators: { entropy: chance.uniform(), "source-accuracy": 0.9 },
      scores: { source: 0.9, target: chance.uniform() },
    })),
  ];
}

function view(rows: number, width: number, classes: number, chance: Random): FeatureView {
  const domain = (shift: number): FeatureView["target"] => ({
    ...{ rows, width },
    values: Float32Array.from(
      { length: rows * width },
      (_, at) => chance.normal() + 3 * (Math.floor(at / width) % classes) + shift,
    ),
  });
  return {
    source: domain(0),
    target: domain(1),
    targetPredictions: Int32Array.from({ length: rows }, (_, row) => row % classes),
  };
}
