/** Checks that two sets of rows can go through one model: the same kind, columns and sizes. */
import type { PreprocessOptions } from "../config.ts";
import type { Column, Dataset, TableRows } from "../dataset.ts";
import { count, guesses, list } from "../names.ts";
import { type Finding, problem, warning } from "./finding.ts";

/** @param other what is compared with the source, by its origin. */
export function checkSameRows(source: Dataset, other: Dataset, options: PreprocessOptions): Finding[] {
  const [a, b] = [source.rows, other.rows];
  const features = (kind: string): boolean => kind === "dense" || kind === "sparse";
  if (a.kind !== b.kind && !(features(a.kind) && features(b.kind))) {
    return [
      problem(
        "kind-mismatch",
        `${other.origin}: expected rows of kind ${a.kind}, as in ${source.origin}, got ${b.kind}`,
        "Give both domains in the same format.",
      ),
    ];
  }
  if (a.kind === "table" && b.kind === "table") return checkColumns(source, a, other, b);
  if (a.kind === "image" && b.kind === "image") {
    const [first, second] = [`${a.height}x${a.width}`, `${b.height}x${b.width}`];
    if (first === second || options.imageSize !== undefined) return [];
    return [
      problem(
        "image-size",
        `${other.origin}: expected images of ${first}, as in ${source.origin}, got ${second}`,
        `Pass --image-size ${first} (or another HEIGHTxWIDTH) to resize both.`,
      ),
    ];
  }
  if (a.kind === "signal" && b.kind === "signal") {
    if (a.channels === b.channels && a.length === b.length) return [];
    const shape = (rows: typeof a): string => `${rows.channels} channels x ${rows.length} steps`;
    return [
      problem(
        "signal-shape",
        `${other.origin}: expected signals of ${shape(a)}, got ${shape(b)}`,
        "Cut or resample them to one length first.",
      ),
    ];
  }
  if (a.kind === "sparse" && b.kind === "sparse" && a.indexBase !== b.indexBase) {
    return [
      problem(
        "index-base",
        `${other.origin}: expected indices from ${a.indexBase}, as in ${source.origin}, got indices from ${b.indexBase}`,
        "Say which it is with `indexBase: 0` or `indexBase: 1`.",
      ),
    ];
  }
  if ((a.kind === "dense" || b.kind === "dense") && "width" in a && "width" in b && a.width !== b.width) {
    return [
      problem("feature-width", `${other.origin}: expected ${a.width} features, as in ${source.origin}, got ${b.width}`),
    ];
  }
  return [];
}

function checkColumns(source: Dataset, a: TableRows, other: Dataset, b: TableRows): Finding[] {
  const findings: Finding[] = [];
  const found = new Map(b.columns.map((column) => [column.name, column]));
  const names = a.columns.map((column) => column.name);
  const absent = names.filter((name) => !found.has(name));
  const more = b.columns.map((column) => column.name).filter((name) => !names.includes(name));
  // The source has a column of labels, and of groups, too: no feature there.
  const [roles, extra] = [true, false].map((has) =>
    more.filter((name) => (source.fields?.includes(name) ?? false) === has),
  ) as [string[], string[]];
  if (absent.length > 0) {
    const near = guesses(absent, extra);
    findings.push(
      problem(
        "columns-missing",
        `${other.origin}: expected the columns of ${source.origin}, but ${list(absent)} ${absent.length === 1 ? "is" : "are"} missing`,
        near.length > 0
          ? `${near.join(", ")}: give both files the same names.`
          : `Leave them out of both with --drop ${absent.join(",")}.`,
      ),
    );
  }
  if (extra.length > 0)
    findings.push(
      warning(
        "columns-extra",
        `${other.origin}: ${list(extra)} ${extra.length === 1 ? "is" : "are"} not in ${source.origin} and will not be read`,
      ),
    );
  if (roles.length > 0)
    findings.push(
      warning(
        "columns-no-feature",
        `${other.origin}: ${list(roles)} ${roles.length === 1 ? "is" : "are"} no feature of ${source.origin} (its labels or groups) and will not be read`,
      ),
    );
  for (const column of a.columns) {
    const match = found.get(column.name);
    if (match === undefined) continue;
    findings.push(...checkTypes(source.origin, column, other.origin, match));
    findings.push(...checkUnseen(source.origin, column, other.origin, match));
  }
  return findings;
}

function checkTypes(origin: string, column: Column, otherOrigin: string, other: Column): Finding[] {
  if (column.kind === other.kind || isEmpty(column) || isEmpty(other)) return [];
  // Numbers where the source has words are words, too; words where it has numbers are not numbers.
  if (column.kind !== "number") return [];
  const word =
    other.kind === "category"
      ? other.vocabulary.find(isWord)
      : other.kind === "text"
        ? other.values.find(isWord)
        : undefined;
  if (word === undefined) return [];
  return [
    problem(
      "column-type",
      `${otherOrigin}: column "${column.name}": expected numbers, as in ${origin}, got "${word}"`,
      `Correct the cells, or read it as words in both with --types ${column.name}=category.`,
    ),
  ];
}

/** Fewer rows than this with categories that the source has not are odd ones, not another world. */
const manyUnseen = 0.05;

function checkUnseen(origin: string, column: Column, otherOrigin: string, other: Column): Finding[] {
  if (column.kind !== "category" || other.kind !== "category") return [];
  const known = new Set(column.vocabulary);
  const unseen = other.vocabulary.map((word) => !known.has(word));
  const words = other.vocabulary.filter((_, code) => unseen[code]);
  const rows = other.codes.reduce((sum, code) => sum + (unseen[code] === true ? 1 : 0), 0);
  if (words.length === 0 || rows < manyUnseen * other.codes.length) return [];
  return [
    warning(
      "unseen-categories",
      `${otherOrigin}: column "${column.name}": ${rows} of ${count(other.codes.length, "row")} have a category that ${origin} has not (${list(words)}); to the model they are unknown, like missing cells`,
      `Bring the words together if they mean the same, or leave the column out of both with --drop ${column.name}.`,
    ),
  ];
}

const isWord = (word: string | undefined): boolean => word !== undefined && Number.isNaN(Number(word));

/** No value at all: such a column reads as numbers, whatever it holds elsewhere. */
const isEmpty = (column: Column): boolean => column.kind === "number" && column.values.every(Number.isNaN);
