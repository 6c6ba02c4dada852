/**
 * Features of a frozen backbone, computed once: the same plan with vectors in place of its rows. What is trained on
 * them is trained many times faster, and goes behind the backbone again when the model is exported.
 */
import type { DenseRows } from "../data/dataset.ts";
import { type EncodedRows, gather } from "../data/encode.ts";
import { featureMoments } from "../data/preprocess/statistics.ts";
import { inputShape, type PreprocessSpec, preprocess, rawInputs } from "../data/preprocess.ts";
import { sharedFloat32 } from "../data/shared-memory.ts";
import type { Domain } from "../domain.ts";
import { DannError, internalError } from "../errors.ts";
import { input, type Var } from "../graph/index.ts";
import { optimise } from "../graph/passes.ts";
import { createStore } from "../nn/scope.ts";
import type { Backend, Executable } from "../runtime/backend.ts";
import { inferenceBatch } from "../train/inference-batch.ts";
import type { FeaturesEvent } from "./events.ts";
import type { FeatureCache } from "./feature-cache.ts";
import type { SessionPlan } from "./plan.ts";
import { isRefinePlan, type RefinePlan } from "./refine/plan.ts";
import type { FeatureMoments, FrozenBackbone } from "./with-backbone.ts";

type Plan = SessionPlan | RefinePlan;

export interface FeatureRequest<P extends Plan = Plan> {
  readonly plan: P;
  readonly frozen: FrozenBackbone;
  readonly backend: Backend;
  readonly signal: AbortSignal;
  readonly event: (event: FeaturesEvent) => void;
  /** Where features are kept from run to run; default: nowhere. */
  readonly cache: FeatureCache | undefined;
}

export interface FeaturePlan<P extends Plan> {
  /** The plan with features as rows. */
  readonly plan: P;
  /** Undefined without rows of a source: the state of the model that is gone on from has them. */
  readonly moments: FeatureMoments | undefined;
}

/** @throws DannError `interrupted` when the signal says so. */
export async function extractFeatures<P extends Plan>(request: FeatureRequest<P>): Promise<FeaturePlan<P>> {
  const { plan, frozen } = request;
  const features = await featuresOfSets(request, setsOf(plan));
  const of = (rows: EncodedRows): DenseRows => {
    const found = features.get(rows);
    if (found === undefined) throw internalError("rows without features");
    return found;
  };
  const behind = <L extends { readonly rows: EncodedRows }>(labelled: L): L => ({
    ...labelled,
    rows: of(labelled.rows),
  });
  const preprocess: PreprocessSpec = {
    kind: "features",
    width: frozen.width,
    counts: "none",
    countScale: 1,
    standardise: "none",
  };
  const target = {
    ...{ preprocess, target: of(plan.target) },
    ...(plan.targetScored && { targetScored: behind(plan.targetScored) }),
  };
  if (isRefinePlan(plan)) return { plan: { ...plan, ...target }, moments: undefined };
  const { source, sourceScored, labelledTarget, targetTraining } = plan;
  return {
    moments: momentsOf(of(source.rows)),
    plan: {
      ...{ ...plan, ...target, source: behind(source), sourceScored: behind(sourceScored) },
      ...(labelledTarget && { labelledTarget: behind(labelledTarget) }),
      ...(targetTraining && { targetTraining: behind(targetTraining) }),
    },
  };
}

/** Rows of a plan by domain, in the order in which they are run. */
function setsOf(plan: Plan): RowSet[] {
  const { target, targetScored } = plan;
  const scored: RowSet = { domain: "target", rows: targetScored?.rows };
  if (isRefinePlan(plan)) return [{ domain: "target", rows: target }, scored];
  return [
    { domain: "source", rows: plan.source.rows },
    { domain: "target", rows: target },
    { domain: "target", rows: plan.labelledTarget?.rows },
    { domain: "source", rows: plan.sourceScored.rows },
    scored,
    { domain: "target", rows: plan.targetTraining?.rows },
  ];
}

/** Moments alone, for a backbone that runs at every step: of the source's rows as they are. */
export async function sourceMoments(request: FeatureRequest): Promise<FeatureMoments | undefined> {
  if (isRefinePlan(request.plan)) return undefined;
  const { rows } = request.plan.source;
  const features = (await featuresOfSets(request, [{ domain: "source", rows }])).get(rows);
  if (features === undefined) throw internalError("rows without features");
  return momentsOf(features);
}

interface RowSet {
  readonly domain: Domain;
  readonly rows: EncodedRows | undefined;
}

/** Features of each set of rows, once where the same rows occur again. */
async function featuresOfSets(
  request: FeatureRequest,
  sets: readonly RowSet[],
): Promise<ReadonlyMap<EncodedRows, DenseRows>> {
  const { frozen, event } = request;
  const distinct = new Map<EncodedRows, Domain>();
  for (const { domain, rows } of sets) if (rows !== undefined && !distinct.has(rows)) distinct.set(rows, domain);
  const total = [...distinct.keys()].reduce((sum, { rows }) => sum + rows, 0);
  const features = new Map<EncodedRows, DenseRows>();
  let before = 0;
  for (const [rows, domain] of distinct) {
    const { preprocess } = request.plan;
    const { threads } = request.plan.train;
    const values = await featuresOf({ ...request, preprocess, threads }, rows, domain, (done) =>
      event({ type: "features", done: before + done, total }),
    );
    features.set(rows, { kind: "dense", rows: rows.rows, width: frozen.width, values });
    before += rows.rows;
    event({ type: "features", done: before, total });
  }
  return features;
}

function momentsOf({ rows, width, values }: DenseRows): FeatureMoments {
  const { mean, scale } = featureMoments(width, rows, (visit) => {
    for (let row = 0; row < rows; row++) visit(values.subarray(row * width, (row + 1) * width));
  });
  return { mean: Float32Array.from(mean), deviation: Float32Array.from(scale) };
}

/** How features of any rows are come by. */
export type RowFeaturesRequest = Pick<FeatureRequest, "frozen" | "backend" | "signal" | "cache"> &
  Pick<Extraction, "preprocess" | "threads">;

/** [rows, width]: from the cache, else computed. */
export async function featuresOf(
  { preprocess, threads, frozen, backend, signal, cache }: RowFeaturesRequest,
  rows: EncodedRows,
  domain: Domain,
  report: (done: number) => void,
): Promise<Float32Array> {
  const key = cache?.keyOf(rows, preprocess, domain);
  const values = sharedFloat32(rows.rows * frozen.width);
  if (cache !== undefined && key !== undefined && (await cache.read(key, values))) return values;
  const extraction = { preprocess, frozen, backend, domain, threads };
  await computeFeatures(extraction, rows, values, (done) => {
    report(done);
    if (signal.aborted)
      throw new DannError(
        "interrupted",
        "interrupted",
        "interrupted while features were computed, before the first step",
      );
  });
  if (cache !== undefined && key !== undefined) await cache.write(key, values);
  return values;
}

export interface Extraction {
  readonly preprocess: PreprocessSpec;
  readonly frozen: Pick<FrozenBackbone, "extract" | "width">;
  readonly backend: Backend;
  /** Whose preprocessing it is. */
  readonly domain: Domain;
  readonly threads: number;
}

/**
 * Writes the features of all rows into `values` [rows, width], in batches.
 * @param between called after each batch with the number of rows that are done; what it throws ends the work.
 */
export async function computeFeatures(
  extraction: Extraction,
  rows: EncodedRows,
  values: Float32Array,
  between: (done: number) => void = () => {},
): Promise<void> {
  const { preprocess, frozen } = extraction;
  const executable = await compileExtraction(extraction);
  try {
    const size = inferenceBatch(preprocess);
    for (let start = 0; start < rows.rows; start += size) {
      const indices = Int32Array.from({ length: Math.min(size, rows.rows - start) }, (_, i) => start + i);
      const { features } = await executable.run(gather(rows, indices, preprocess));
      if (features?.dtype !== "float32") throw internalError("a backbone ran without giving float32 features");
      values.set(features.data, start * frozen.width);
      between(start + indices.length);
    }
  } finally {
    await executable.dispose();
  }
}

function compileExtraction({ preprocess: spec, frozen, backend, domain, threads }: Extraction): Promise<Executable> {
  const raw: Record<string, Var> = {};
  for (const [name, type] of Object.entries(rawInputs(spec, "N"))) raw[name] = input(name, type);
  const x = preprocess(spec, raw, domain);
  const features = frozen.extract.apply(x, createStore().scope({ kind: "inference", domain }));
  const name = `features of [N,${inputShape(spec).join(",")}]`;
  return backend.compile(optimise({ name, outputs: { features } }), { threads });
}
