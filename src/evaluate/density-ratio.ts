/**
 * How much more likely a row is in the target than in the source, w(x) = p_T(x) / p_S(x), by a logistic regression that
 * tells the domains apart: w = (n_S / n_T) P(target | x) / P(source | x) (Bickel et al. 2007), in the leading directions
 * of the rows: of adapted features it would else find offsets where nothing lives (`leading.ts`), and no source row
 * would stand for the target though the domains lie on each other. Domains that do not overlap have weights near 0 on
 * every source row: then nothing weighted by them says much.
 */
import { domainLabel } from "../domain.ts";
import { leading } from "./leading.ts";
import { fitLogistic, type Matrix } from "./logistic.ts";
import { pickRows, sampleRows, stackRows } from "./sample.ts";

/** Numbers of one domain that the classifier is fitted on. */
const numbers = 120_000;
/** Keeps weights finite where the domains can be separated. */
const l2 = 1e-2;
const steps = 60;
/** Rows of each domain that the directions are fitted to, at every evaluation: they cost the cube. */
const directionRows = 96;

/** w at each source row. */
export function densityRatio(source: Matrix, target: Matrix): Float64Array {
  const most = Math.max(150, Math.min(1000, Math.floor(numbers / Math.max(1, source.width))));
  const own = pickRows(source, sampleRows(source.rows, most, "density-ratio/source"));
  const others = pickRows(target, sampleRows(target.rows, most, "density-ratio/target"));
  // Of features that are no numbers there are no directions: no weight is known.
  if (![own, others].every(({ values }) => Array.prototype.every.call(values, Number.isFinite)))
    return new Float64Array(source.rows).fill(Number.NaN);
  const { project, along } = leading(
    [own, others].map((rows) => pickRows(rows, sampleRows(rows.rows, directionRows, "density-ratio/directions"))),
  );
  const fitted = stackRows([own, others].map(project));
  const labels = new Uint8Array(fitted.rows).fill(domainLabel("target"), own.rows);
  const model = fitLogistic(fitted, labels, { l2, steps });
  const share = own.rows / others.rows;
  return along(source, model.weights).map((score) => share * Math.exp(score + model.bias));
}
