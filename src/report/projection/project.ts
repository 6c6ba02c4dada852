/** Features of both domains in a plane, by principal components and by UMAP; seeded, on sampled rows. */
import { drawRows, type Random, random } from "../../random.ts";
import type { FeatureView, ReportedEmbedding, Rows } from "../run.ts";
import { umap } from "./neighbours.ts";
import { principalComponents } from "./principal.ts";

export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly domain: "source" | "target";
  /** Source: its label. Target: what the model takes it for. */
  readonly class: number;
}

export interface Projection {
  readonly spots: readonly Spot[];
  /** Share of the variance along x and y, of principal components. */
  readonly shares: readonly number[] | undefined;
}

/** One model's features, drawn in two ways. UMAP is missing where there are too few rows for it. */
export interface Projected {
  readonly pca: Projection;
  readonly umap: Projection | undefined;
}

export interface ProjectedEmbedding {
  readonly before: Projected;
  readonly after: Projected | undefined;
}

type Planes = "both" | "pca";

/** Most rows of each domain that are drawn, and that UMAP works on: its time goes with them. */
const most = { pca: 1000, umap: 250 };
/** Most numbers that are decomposed: features of a deep backbone are wide. */
const mostNumbers = 8e6;
/** UMAP sees no more components than this: distances change little, and it compares many. */
const components = 32;
const fewestForUmap = 12;

/** @param planes UMAP takes its time: where there are many runs, principal components have to do. */
export async function project(
  embedding: ReportedEmbedding,
  seed: number,
  planes: Planes = "both",
): Promise<ProjectedEmbedding> {
  const { sourceLabels, before, after } = embedding;
  // The same rows before and after.
  const own = (view: FeatureView): Promise<Projected> =>
    projectView(view, sourceLabels, random(seed).split("report"), planes);
  return { before: await own(before), after: after && (await own(after)) };
}

async function projectView(
  view: FeatureView,
  labels: ArrayLike<number> | undefined,
  chance: Random,
  planes: Planes,
): Promise<Projected> {
  const width = Math.max(1, view.target.width);
  const limit = Math.max(2, Math.floor(mostNumbers / width / 2));
  const rowsOf = (atMost: number): Record<Spot["domain"], Int32Array> => ({
    source: drawRows(view.source?.rows ?? 0, Math.min(limit, atMost), chance.split("source")),
    target: drawRows(view.target.rows, Math.min(limit, atMost), chance.split("target")),
  });
  const spotsOf = (chosen: Record<Spot["domain"], Int32Array>, places: readonly (readonly number[])[]): Spot[] => {
    const all = (["source", "target"] as const).flatMap((domain) =>
      Array.from(chosen[domain], (row) => ({ domain, row })),
    );
    return all.map(({ domain, row }, at) => ({
      x: places[at]?.[0] ?? 0,
      y: places[at]?.[1] ?? 0,
      domain,
      class: (domain === "source" ? labels?.[row] : view.targetPredictions[row]) ?? 0,
    }));
  };
  const many = rowsOf(most.pca);
  const plane = principalComponents(joined(view, many), 2, chance.split("pca"));
  const pca = { spots: spotsOf(many, plane.coordinates.to2DArray()), shares: plane.shares };
  const few = rowsOf(most.umap);
  const count = few.source.length + few.target.length;
  if (planes === "pca" || count < fewestForUmap) return { pca, umap: undefined };
  const reduced = principalComponents(joined(view, few), Math.min(components, width), chance.split("reduced"));
  const laid = await umap(reduced.coordinates.to2DArray(), chance.split("umap"));
  return { pca, umap: { spots: spotsOf(few, laid), shares: undefined } };
}

/** Rows of both domains, the source's first. */
function joined({ source, target }: FeatureView, chosen: Record<Spot["domain"], Int32Array>): Rows {
  const { width } = target;
  const rows = chosen.source.length + chosen.target.length;
  const values = new Float32Array(rows * width);
  let at = 0;
  for (const [from, indices] of [
    [source, chosen.source],
    [target, chosen.target],
  ] as const)
    for (const row of indices) {
      if (from === undefined) break;
      values.set(from.values.subarray(row * width, (row + 1) * width), at);
      at += width;
    }
  return { rows, width, values };
}
