/**
 * The proxy A-distance as JMLR 17, section 5.1.5, measures it: linear support vector machines over a range of C learn to
 * tell the domains apart on the first half of each domain's rows, and the lowest error on the second halves counts.
 * `domainDistance` is the same idea with a fresh logistic regression on standardised columns and a sample, made for every
 * run of `adapt`; this one is the paper's, made to stand beside its figure 3.
 */
import { domainLabel } from "../../domain.ts";
import { usageError } from "../../errors.ts";
import { proxyDistance } from "../../evaluate/domain-distance.ts";
import { type FeatureRows, pickRows, range, stackRows } from "./feature-rows.ts";
import { fitLinear, predictLinear } from "./linear.ts";
import { pickProducts, type RowProducts } from "./products.ts";

export interface ProxyDistanceOptions {
  /** Values of C that are tried; default 10^-5 to 10^4 by tens, the authors'. */
  readonly costs?: readonly number[];
  /** Most passes of each fit: beyond C = 1 they seldom end by themselves; default 200. */
  readonly maxPasses?: number;
  /** Order of the rows within the fits; default 0. */
  readonly seed?: number;
  /** Of all source rows, then all target rows: faster where rows are dense and wide. */
  readonly products?: RowProducts | undefined;
}

export interface ProxyDistance {
  /** 2 (1 - 2 err), 0 to 2. */
  readonly distance: number;
  /** The lowest error on the second halves, at most 1/2. */
  readonly error: number;
  /** The C that gave it. */
  readonly cost: number;
}

const authorsCosts = Array.from({ length: 10 }, (_, i) => 10 ** (i - 5));

/** Rows of each domain are halved as they come: they must be in no order. */
export function linearProxyDistance(
  source: FeatureRows,
  target: FeatureRows,
  options: ProxyDistanceOptions = {},
): ProxyDistance {
  const { costs = authorsCosts, maxPasses = 200, seed = 0, products } = options;
  const least = Math.min(source.rows, target.rows);
  if (least < 2)
    throw usageError("proxy-distance", `proxy A-distance: expected at least 2 rows of each domain, got ${least}`);
  const halves = (part: (rows: number) => Int32Array): { rows: FeatureRows; labels: number[] } => {
    const [own, other] = [pickRows(source, part(source.rows)), pickRows(target, part(target.rows))];
    const labels = [...Array(own.rows).fill(domainLabel("source")), ...Array(other.rows).fill(domainLabel("target"))];
    return { rows: stackRows(own, other), labels };
  };
  const fitted = halves((rows) => range(0, rows >> 1));
  const heldOut = halves((rows) => range(rows >> 1, rows));
  const ofFitted = products === undefined ? {} : { products: firstHalves(products, source.rows, target.rows) };
  let [error, cost] = [Number.POSITIVE_INFINITY, Number.NaN];
  for (const each of costs) {
    const fit = fitLinear(fitted.rows, fitted.labels, { loss: "hinge", cost: each, maxPasses, ...ofFitted }, seed);
    const predicted = predictLinear({ classes: 2, fits: [fit] }, heldOut.rows);
    const wrong = predicted.filter((label, i) => label !== heldOut.labels[i]).length / predicted.length;
    // Who is wrong more often than not tells the domains apart all the same.
    const folded = Math.min(wrong, 1 - wrong);
    if (folded < error) [error, cost] = [folded, each];
  }
  return { distance: proxyDistance(error), error, cost };
}

const firstHalves = (products: RowProducts, source: number, target: number): Float32Array =>
  pickProducts(products, source + target, [...range(0, source >> 1), ...range(source, source + (target >> 1))]).values;
