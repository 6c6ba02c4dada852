/**
 * Whether runs of one seed may be compared as a pair: they must have been scored on the same rows. What a run keeps of
 * its data is a hash of the encoded rows, which another preprocessing changes as well; so a hash that differs is excused
 * where the configuration says why, and otherwise the files themselves have changed.
 */
import type { RunRecord } from "./read.ts";

export type Pairing =
  | { readonly kind: "same" }
  /** The rows may be the same: the reader has to know. */
  | { readonly kind: "warned"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string };

/** Keys that say which data there are. */
const otherData = /^data\.(source|target|sourceTest|targetTest|targetLabelled|sourceLabels|suite|task)$/;
/** Keys that say what rows become, or whether they are scored. */
const otherInputs = /^(data\.|network\.backbone|evaluate\.holdout)/;
/** Keys that say what a refinement begins with, or what labels are: a part of the hash that is no row. */
const otherStart = /^(from\.|task$)/;

/** @param keys of the configuration that differ between the two. */
export function pairingOf(a: RunRecord, b: RunRecord, keys: readonly string[]): Pairing {
  const refused = (reason: string): Pairing => ({ kind: "refused", reason });
  const classes = [a, b].map(({ result }) => JSON.stringify(result.task.classes));
  if (classes[0] !== classes[1]) return refused("their classes differ");
  const [left, right] = [scoredRows(a), scoredRows(b)];
  if (left.source !== right.source) return refused(`they were scored on ${left.source} and ${right.source}`);
  if (left.target !== undefined && right.target !== undefined && left.target !== right.target)
    return refused(`they were scored on ${left.target} and ${right.target}`);
  if (a.hash === undefined || b.hash === undefined)
    return {
      kind: "warned",
      reason: "a run has no hash of its data any more: see for yourself that they are the same",
    };
  if (a.hash === b.hash) return { kind: "same" };
  const data = keys.find((key) => otherData.test(key));
  if (data !== undefined) return refused(`their data differ (${data})`);
  const inputs = keys.find((key) => otherInputs.test(key));
  if (inputs !== undefined)
    return { kind: "warned", reason: `their inputs differ (${inputs}): see for yourself that the rows are the same` };
  const start = keys.find((key) => otherStart.test(key));
  if (start !== undefined)
    return { kind: "warned", reason: `they differ in ${start}: see for yourself that the rows are the same` };
  return refused("their data differ, though the configuration names the same: the files have changed in between");
}

function scoredRows({ result }: RunRecord): { source: string; target: string | undefined } {
  const [row] = result.models;
  const { source, target } = row?.metrics ?? {};
  return {
    source: `${source?.rows ?? 0} rows (${row?.scoredOn.source ?? "none"})`,
    target: target == null ? undefined : `${target.rows} rows (${row?.scoredOn.target ?? "none"})`,
  };
}
