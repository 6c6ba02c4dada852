/**
 * Before any training: how far apart two data sets are, by what, whether they share rows, and what to do about it. Looks
 * at a sample of at most 1,000 rows of each domain; rows with the same values are looked for among all. Node only.
 */
import type { NetworkSource } from "../adapt/plan.ts";
import { sharedRows } from "../data/checks/duplicates.ts";
import { checkData, type Finding, requireSound } from "../data/checks.ts";
import type { PreprocessOptions, ReadOptions } from "../data/config.ts";
import type { Dataset, ImageRows } from "../data/dataset.ts";
import { encodeRows } from "../data/encode.ts";
import { inspect } from "../data/inspect.ts";
import type { TokensRequest } from "../data/preprocess/tokens.ts";
import { fitPreprocess } from "../data/preprocess.ts";
import { selectDataset } from "../data/select.ts";
import { dataError, internalError } from "../errors.ts";
import { sampleRows } from "../evaluate/sample.ts";
import type { Backend } from "../runtime/backend.ts";
import { fewestRows } from "./cross-validation.ts";
import type { ProbeDocument } from "./document.ts";
import { signalFeatures, vectorFeatures } from "./features/arrays.ts";
import { backboneFeatures } from "./features/backbone.ts";
import { imageFeatures } from "./features/images.ts";
import type { NamedRows } from "./features/named.ts";
import { tableFeatures } from "./features/table.ts";
import { labelShiftOfRun } from "./label-shift.ts";
import { type Look, lookAt } from "./look.ts";
import { nearRows } from "./near.ts";
import { recommend } from "./recommend.ts";

export interface ProbeRequest {
  readonly source: Dataset;
  readonly target: Dataset;
  /** How the files were read, so that names in it that no file has are reported. */
  readonly read: ReadOptions;
  readonly preprocess: PreprocessOptions;
  readonly tokens: TokensRequest | undefined;
  /** With a backbone: rows are its features. */
  readonly network: NetworkSource;
  readonly cache: string | false | undefined;
  /** A finished run that estimates shares of classes. */
  readonly run: string | undefined;
  readonly seed: number;
  readonly threads: number;
  /** Opens the engine; only a backbone and a run need one. */
  readonly backend: () => Promise<Backend>;
  readonly signal: AbortSignal;
  readonly report: (done: number, total: number) => void;
}

/** Images at the ends of the classifier's scores, the most extreme first; absent of other rows. */
export interface Extremes {
  readonly sourceLike: readonly ExtremeImage[];
  readonly targetLike: readonly ExtremeImage[];
}

interface ExtremeImage {
  readonly rows: ImageRows;
  readonly row: number;
}

export interface Probed {
  readonly document: ProbeDocument;
  readonly extremes: Extremes | undefined;
}

const most = 1000;
const shown = 25;

export async function probe(request: ProbeRequest): Promise<Probed> {
  const { source, target, seed } = request;
  const warnings = soundWarnings(request);
  const samples = { source: sampleOf(source, "source"), target: sampleOf(target, "target") };
  const seen = await seenRows(request, samples);
  const look = lookAt(seen.named, seed);
  const shared = sharedRows(source, target) ?? [];
  const near = nearRows(seen.named);
  const labels = request.run === undefined ? null : await labelShiftOfRun(request.run, target, await request.backend());
  const document: ProbeDocument = {
    schema: 1,
    source: describe(source),
    target: describe(target),
    features: { kind: seen.named.kind, width: seen.named.features.length },
    apart: look.apart,
    separators: [...look.separators],
    withoutSeparators: look.withoutSeparators,
    top: look.top,
    duplicates: {
      exact: {
        rows: shared.length,
        examples: shared.slice(0, 5).map(([a, b]) => ({ source: rowName(source, a), target: rowName(target, b) })),
      },
      near: {
        ...near,
        examples: near.examples.map(([a, b]) => ({
          source: rowName(samples.source.dataset, a, samples.source.rows),
          target: rowName(samples.target.dataset, b, samples.target.rows),
        })),
      },
    },
    labelShift: labels && {
      run: labels.run,
      shares:
        labels.shift?.source.map((share, c) => ({
          class: labels.classes[c] ?? "",
          source: share,
          target: labels.shift?.target[c] ?? 0,
        })) ?? null,
      distance: labels.shift?.distance ?? null,
      low: labels.shift?.low ?? null,
      high: labels.shift?.high ?? null,
    },
    warnings,
    recommendation: recommend({
      kind: seen.named.kind,
      apart: look.apart,
      separators: look.separators,
      without: look.withoutSeparators,
      shared: shared.length / target.rows.rows,
      dropped: request.read.drop ?? [],
    }),
    files: [],
    seed,
  };
  return { document, extremes: seen.images && extremesOf(seen.images, look) };
}

/** Refuses what training would refuse, but for labels that nobody gave; the rest is said. */
function soundWarnings({ source, target, read, preprocess }: ProbeRequest): string[] {
  const findings = checkData({ source, target, read, preprocess });
  // Without labels there are no classes to speak of, and rows that both have are counted here anyway.
  requireSound(findings.filter(({ code }) => source.labels !== undefined || code !== "no-labels"));
  for (const { rows, origin } of [source, target])
    if (rows.rows < fewestRows)
      throw dataError("too-few-rows", `${origin}: expected at least ${fewestRows} rows to probe, got ${rows.rows}`);
  const said = ({ level, code }: Finding): boolean => level === "warning" && code !== "duplicate-rows";
  return findings.filter(said).map(({ message, remedy }) => (remedy === undefined ? message : `${message}. ${remedy}`));
}

interface Sample {
  readonly dataset: Dataset;
  /** Their numbers in the data set. */
  readonly rows: Int32Array;
}

function sampleOf(dataset: Dataset, domain: string): Sample {
  const rows = sampleRows(dataset.rows.rows, most, `probe/${domain}`);
  return { dataset: selectDataset(dataset, rows), rows };
}

interface Seen {
  readonly named: NamedRows;
  readonly images: { readonly source: ImageRows; readonly target: ImageRows } | undefined;
}

async function seenRows(request: ProbeRequest, samples: Readonly<Record<"source" | "target", Sample>>): Promise<Seen> {
  const [source, target] = [samples.source.dataset.rows, samples.target.dataset.rows];
  const { network, preprocess, tokens, threads, cache, signal, report } = request;
  if (network.kind === "named" && network.backbone !== undefined) {
    const spec = fitPreprocess(source, target, preprocess, tokens);
    const [own, others] = [source, target].map((rows) => encodeRows(rows, spec, tokens?.tokenizer));
    if (own === undefined || others === undefined) throw internalError("rows were not encoded");
    const asked = { network, preprocess: spec, source: own, target: others, threads, cache, signal, report };
    const named = await backboneFeatures({ ...asked, backend: await request.backend() });
    return {
      named,
      images: own.kind === "image" && others.kind === "image" ? { source: own, target: others } : undefined,
    };
  }
  if (source.kind === "table" && target.kind === "table")
    return { named: tableFeatures(source, target), images: undefined };
  if (source.kind === "signal" && target.kind === "signal")
    return { named: signalFeatures(source, target), images: undefined };
  if (source.kind === "image" && target.kind === "image") {
    const spec = fitPreprocess(source, target, preprocess);
    const images = { source: encodeRows(source, spec) as ImageRows, target: encodeRows(target, spec) as ImageRows };
    return { named: imageFeatures(images.source, images.target), images };
  }
  if ((source.kind === "dense" || source.kind === "sparse") && (target.kind === "dense" || target.kind === "sparse"))
    return { named: vectorFeatures(source, target), images: undefined };
  throw internalError("rows of different kinds passed the checks");
}

function describe(dataset: Dataset): ProbeDocument["source"] {
  const { classes } = inspect(dataset);
  const counts = classes?.map(({ rows }) => rows) ?? [];
  return {
    origin: dataset.origin,
    rows: dataset.rows.rows,
    classes: classes === undefined || classes.length === 0 ? null : [...classes],
    imbalance: counts.length === 0 ? null : Math.max(...counts) / Math.max(1, Math.min(...counts)),
  };
}

/** By its id where it has one, else by its number from 0, as `dann predict` names it. */
const rowName = ({ ids }: Dataset, row: number, numbers?: Int32Array): string =>
  ids?.[row] ?? String(numbers?.[row] ?? row);

function extremesOf(images: NonNullable<Seen["images"]>, { scores }: Look): Extremes {
  const judged = (["source", "target"] as const).flatMap((domain) =>
    Array.from(scores[domain], (score, row) => ({ rows: images[domain], row, score })).filter(
      ({ score }) => !Number.isNaN(score),
    ),
  );
  const ordered = judged.sort((a, b) => a.score - b.score || a.row - b.row);
  return { sourceLike: ordered.slice(0, shown), targetLike: ordered.slice(-shown).reverse() };
}
