/** From what a run leaves behind to its report: when it ends, and again from its folder. */
import { parseConfig } from "../config/file.ts";
import { isPlain } from "../config/merge.ts";
import { isFile, isFolder, nodeModules } from "../data/files.ts";
import { openEncoder } from "../data/images/encoders.ts";
import { domains } from "../domain.ts";
import { dataError } from "../errors.ts";
import type {
  ConfusedSample,
  FeatureView,
  ReportedEmbedding,
  ReportedEvent,
  ReportedRun,
  Rows,
} from "../report/run.ts";
import { runReport } from "../report/run-page.ts";
import { commandOf } from "../report/shell.ts";
import { noTruth } from "./confused.ts";
import type { Embedding } from "./context.ts";
import { readEmbedding } from "./embedding-file.ts";
import { inParts } from "./label-parts.ts";
import { type AdaptResult, parseResult } from "./result.ts";
import { readTextIfThere, runFiles } from "./run-folder.ts";

export interface ReportParts {
  readonly result: AdaptResult;
  /** `metrics.jsonl` */
  readonly metrics: string;
  /** `config.yaml` */
  readonly config: string | undefined;
  /** `embedding.npz` */
  readonly arrays: Embedding["arrays"];
}

/** The page `report.html`. */
export const reportOf = async (parts: ReportParts): Promise<string> => runReport(await reportedRun(parts));

async function reportedRun({ result, metrics, config, arrays }: ReportParts): Promise<ReportedRun> {
  return {
    result,
    events: eventsIn(metrics),
    embedding: embeddingIn(arrays, result.task),
    predicted: predictedIn(arrays),
    confused: await confusedIn(arrays, result.task.classes),
    config,
    command: commandFor(result, config),
  };
}

/** Lines of `metrics.jsonl`; a killed run may have left a broken one. */
function eventsIn(metrics: string): ReportedEvent[] {
  return metrics.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as ReportedEvent];
    } catch {
      return [];
    }
  });
}

/** Data that were not files, such as those of code or of a suite, are in no command. */
function commandFor({ run, from }: AdaptResult, config: string | undefined): string | undefined {
  if (run === null || config === undefined) return undefined;
  const { data } = parseConfig(config, runFiles.config);
  if (!isPlain(data)) return undefined;
  const named = from === undefined ? data.source : data.target;
  if (typeof named !== "string" && !Array.isArray(named)) return undefined;
  return `${commandOf("dann", ["adapt", "--config", `${run}/${runFiles.config}`, "--out"])} FOLDER`;
}

function embeddingIn(
  arrays: Embedding["arrays"],
  { kind, classes }: AdaptResult["task"],
): ReportedEmbedding | undefined {
  const start = viewIn(arrays, "start");
  if (start) return { sourceLabels: undefined, classes, before: start, after: viewIn(arrays, "refined") };
  const labels = numbersIn(arrays, "source_labels");
  const before = viewIn(arrays, "source_only");
  if (labels === undefined || before === undefined) return undefined;
  const embedding = { sourceLabels: labels, classes, before, after: viewIn(arrays, "adapted") };
  return kind === "regression" ? inParts(embedding) : embedding;
}

/** Predictions of a regression beside the labels, by domain. */
function predictedIn(arrays: Embedding["arrays"]): ReportedRun["predicted"] {
  return domains.flatMap((domain) => {
    const [truth, predicted] = [numbersIn(arrays, `${domain}_truth`), numbersIn(arrays, `${domain}_predicted`)];
    return truth instanceof Float32Array && predicted instanceof Float32Array ? [{ domain, truth, predicted }] : [];
  });
}

function viewIn(arrays: Embedding["arrays"], model: string): FeatureView | undefined {
  const [source, target] = [rowsIn(arrays, `${model}_source`), rowsIn(arrays, `${model}_target`)];
  const targetPredictions = numbersIn(arrays, `${model}_target_predictions`);
  return target && targetPredictions && { source, target, targetPredictions };
}

function rowsIn(arrays: Embedding["arrays"], name: string): Rows | undefined {
  const { dims: [rows = 0, width = 0] = [], values } = arrays[name] ?? {};
  return values instanceof Float32Array ? { rows, width, values } : undefined;
}

function numbersIn(arrays: Embedding["arrays"], name: string): Int32Array | Float32Array | undefined {
  const values = arrays[name]?.values;
  return values instanceof Int32Array || values instanceof Float32Array ? values : undefined;
}

async function confusedIn(arrays: Embedding["arrays"], classes: readonly string[]): Promise<ConfusedSample[]> {
  const names = arrays.confused_names?.values ?? [];
  if (!Array.isArray(names)) return [];
  const predicted = numbersIn(arrays, "confused_predictions");
  const probabilities = numbersIn(arrays, "confused_probabilities");
  const truth = numbersIn(arrays, "confused_truth");
  const images = await picturesIn(arrays.confused_images);
  return names.map((name: string, at): ConfusedSample => {
    const label = truth?.[at] ?? noTruth;
    return {
      name,
      predicted: classes[predicted?.[at] ?? 0] ?? "",
      probability: probabilities?.[at] ?? 0,
      truth: label === noTruth ? undefined : (classes[label] ?? "a class that the source lacks"),
      image: images[at],
    };
  });
}

/** As PNG. In JavaScript: equal pixels give equal pages, in Node and in browsers. */
async function picturesIn(array: Embedding["arrays"][string] | undefined): Promise<Uint8Array[]> {
  const [rows = 0, height = 0, width = 0, depth = 0] = array?.dims ?? [];
  const pixels = array?.values;
  if (!(pixels instanceof Uint8Array)) return [];
  const encoder = await openEncoder("javascript");
  const [size, channels] = [height * width * depth, depth === 1 ? 1 : 3] as const;
  return Promise.all(
    Array.from({ length: rows }, (_, row) =>
      encoder.encode({ height, width, channels, pixels: pixels.subarray(row * size, (row + 1) * size) }),
    ),
  );
}

/** A finished run as reports see it, from its folder. Node only. */
export const readReportedRun = async (path: string): Promise<ReportedRun> => reportedRun(await readReportParts(path));

/** The parts of a finished run, from its folder. Node only. */
export async function readReportParts(path: string): Promise<ReportParts> {
  const at = (name: string): string => nodeModules().path.join(path, name);
  const text = (name: string): Promise<string | undefined> => readTextIfThere(at(name));
  const result = await text(runFiles.result);
  if (result === undefined) throw await notFinished(path, (await text(runFiles.config)) !== undefined);
  const [metrics = "", config] = [await text(runFiles.metrics), await text(runFiles.config)];
  const arrays = (await isFile(at(runFiles.embedding))) ? await readEmbedding(at(runFiles.embedding)) : {};
  return { result: { ...parseResult(result, at(runFiles.result)), run: path }, metrics, config, arrays };
}

const notFinished = async (path: string, begun: boolean): Promise<Error> =>
  begun
    ? dataError(
        "run-unfinished",
        `${path}: expected a finished run, got a folder without ${runFiles.result}`,
        `Finish it with: dann adapt --resume ${path}`,
      )
    : dataError(
        "not-a-run",
        `${path}: expected the folder of a run, got ${(await isFolder(path)) ? `one without ${runFiles.config}` : "something else"}`,
        "Name a run's folder: runs/NAME.",
      );
