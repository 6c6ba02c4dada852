/** Preprocessing whose statistics of the domains stand in each other's places. What has none (text, tokens) stays. */
import { internalError } from "../../errors.ts";
import type { PreprocessSpec } from "./spec.ts";

interface OfDomains<S> {
  readonly source: S;
  readonly target: S;
}

/** The target's statistics in the source's place as well: for training on target rows alone. */
export const asSource = (spec: PreprocessSpec): PreprocessSpec =>
  withStatistics(spec, ({ target }) => ({ source: target, target }));

/** Source and target exchanged: for training in the other direction. */
export const swapDomains = (spec: PreprocessSpec): PreprocessSpec =>
  withStatistics(spec, ({ source, target }) => ({ source: target, target: source }));

function withStatistics(spec: PreprocessSpec, placed: <S>(of: OfDomains<S>) => OfDomains<S>): PreprocessSpec {
  switch (spec.kind) {
    case "table":
      return { ...spec, numeric: spec.numeric.map((column) => ({ ...column, ...placed(column) })) };
    case "features":
      return { ...spec, ...placed({ source: spec.source, target: spec.target }) };
    case "image":
      return { ...spec, ...placed(spec) };
    case "signal":
      return { ...spec, ...placed({ source: spec.source, target: spec.target }) };
    default:
      throw internalError(`no preprocessing of kind ${String(spec satisfies never)}`);
  }
}
