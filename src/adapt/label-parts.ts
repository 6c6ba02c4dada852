/** Numbers as the colours of a drawing: the range of the source's labels in four parts of as many rows. */
import type { FeatureView, ReportedEmbedding } from "../report/run.ts";
import { short } from "../report/text.ts";

const parts = 4;

/** A regression has a source: refinements begin with classes. */
type Labelled = { readonly sourceLabels: ArrayLike<number> };

/** The embedding of a regression with parts of the labels' range in the place of classes. */
export function inParts(embedding: ReportedEmbedding & Labelled): ReportedEmbedding {
  const sorted = Float64Array.from(embedding.sourceLabels).sort();
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor((part * sorted.length) / parts))] ?? 0;
  const bounds = Array.from({ length: parts - 1 }, (_, i) => at(i + 1));
  const partOf = (value: number): number => bounds.filter((bound) => value >= bound).length;
  const view = (of: FeatureView): FeatureView => ({
    ...of,
    targetPredictions: Int32Array.from(of.targetPredictions, partOf),
  });
  return {
    sourceLabels: Int32Array.from(embedding.sourceLabels, partOf),
    classes: [
      `below ${short(at(1))}`,
      ...bounds.slice(0, -1).map((low, i) => `${short(low)} to ${short(bounds[i + 1] ?? low)}`),
      `from ${short(at(parts - 1))}`,
    ],
    before: view(embedding.before),
    after: embedding.after && view(embedding.after),
  };
}
