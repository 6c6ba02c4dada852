/**
 * How much more likely a row is in the target than in the source, w(x) = p_T(x) / p_S(x), by a logistic regression that
 * tells the domains apart: w = (n_S / n_T) P(target | x) / P(source | x) (Bickel et al. 2007), on standardised columns.
 * Domains that do not overlap have weights near 0 on every source row: then nothing weighted by them says much.
 */
import { domainLabel } from "../domain.ts";
import { fitLogistic, logisticScores, type Matrix } from "./logistic.ts";
import { pickRows, sampleRows, stackRows } from "./sample.ts";
import { standardise } from "./standardise.ts";

/** Numbers of one domain that the classifier is fitted on. */
const numbers = 120_000;
/** Keeps weights finite where the domains can be separated. */
const l2 = 1e-2;
const steps = 60;

/** w at each source row. */
export function densityRatio(source: Matrix, target: Matrix): Float64Array {
  const most = Math.max(150, Math.min(1000, Math.floor(numbers / Math.max(1, source.width))));
  const own = pickRows(source, sampleRows(source.rows, most, "density-ratio/source"));
  const others = pickRows(target, sampleRows(target.rows, most, "density-ratio/target"));
  const fitted = stackRows([own, others]);
  const asked = stackRows([source]);
  standardise(fitted, asked);
  const labels = new Uint8Array(fitted.rows).fill(domainLabel("target"), own.rows);
  const model = fitLogistic(fitted, labels, { l2, steps });
  const share = own.rows / others.rows;
  return logisticScores(model, asked).map((score) => share * Math.exp(score));
}
