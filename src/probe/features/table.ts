/**
 * A table as named numbers: a number as it is, with a flag where some are missing; a category as a flag a word, of both
 * domains' words; a text as a flag for each of its commonest words. Words are taken as they are, not hashed, so that each
 * feature has a name.
 */
import type { Column, TableRows } from "../../data/dataset.ts";
import { textsOf } from "../../data/preprocess/text.ts";
import { normalise } from "../../data/text/ngrams.ts";
import { type FeaturePair, type NamedFeature, type NamedRows, namedRows } from "./named.ts";

/** Words of a category, and of a text, that become features: the commonest. */
const most = { category: 50, text: 1000 } as const;

/** Columns of the source; the target has them too, or the data were refused. */
export function tableFeatures(source: TableRows, target: TableRows): NamedRows {
  const others = new Map(target.columns.map((column) => [column.name, column]));
  const pairs = source.columns.flatMap((column): FeaturePair[] => {
    const other = others.get(column.name);
    if (other === undefined) return [];
    if (column.kind === "number" && other.kind === "number")
      return numberFeatures(column.name, column.values, other.values);
    // A text that separates the domains is what the data are about: it is no column to leave out.
    if (column.kind === "text")
      return flags(wordsOf(column), wordsOf(other), most.text, (word) => ({ name: `${column.name} has "${word}"` }));
    return flags(wholeOf(column), wholeOf(other), most.category, (word) => ({
      name: `${column.name} = "${word}"`,
      column: column.name,
    }));
  });
  return namedRows("columns", [source.rows, target.rows], pairs);
}

function numberFeatures(column: string, source: Float64Array, target: Float64Array): FeaturePair[] {
  const present = [...source, ...target].filter((value) => !Number.isNaN(value));
  const mean = present.reduce((sum, value) => sum + value, 0) / Math.max(1, present.length);
  const filled = (values: Float64Array): Float64Array => values.map((value) => (Number.isNaN(value) ? mean : value));
  const missing = (values: Float64Array): Float64Array => values.map((value) => (Number.isNaN(value) ? 1 : 0));
  const pairs = [{ name: column, column, source: filled(source), target: filled(target) }];
  if (present.length === source.length + target.length) return pairs;
  return [...pairs, { name: `${column} is missing`, column, source: missing(source), target: missing(target) }];
}

/** The words of each row, each once. */
type RowWords = readonly (readonly string[])[];

/** A category's word, or that of a number that stands where words are expected; a missing one is a word of its own. */
const wholeOf = (column: Column): RowWords => textsOf(column).map((word) => [word ?? "(missing)"]);

const wordsOf = (column: Column): RowWords =>
  textsOf(column).map((text) => [...new Set(normalise(text ?? "", "word").split(" "))].filter((word) => word !== ""));

/** A flag for each of the commonest words. */
function flags(
  source: RowWords,
  target: RowWords,
  limit: number,
  describe: (word: string) => NamedFeature,
): FeaturePair[] {
  const rows = new Map<string, number>();
  for (const words of [...source, ...target]) for (const word of words) rows.set(word, (rows.get(word) ?? 0) + 1);
  // A word of one row tells nothing of a domain. Of equally common ones the first by code unit.
  const common = [...rows].filter(([, count]) => count > 1).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const kept = common.slice(0, limit).map(([word]) => word);
  const places = new Map(kept.map((word, place) => [word, place]));
  const columns = (all: RowWords): Uint8Array[] => {
    const made = kept.map(() => new Uint8Array(all.length));
    all.forEach((words, row) => {
      for (const word of words) {
        const column = made[places.get(word) ?? -1];
        if (column !== undefined) column[row] = 1;
      }
    });
    return made;
  };
  const [own, others] = [columns(source), columns(target)];
  return kept.map((word, place) => ({ ...describe(word), source: own[place] ?? [], target: others[place] ?? [] }));
}
