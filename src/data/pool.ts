/** Several data sets below each other as one that remembers which row came from which: several sources (multi-source). */
import { dataError, internalError } from "../errors.ts";
import type { Column, Dataset, Rows, SparseRows, TableRows } from "./dataset.ts";
import { list } from "./names.ts";
import { sharedFloat32, sharedInt32, sharedUint8, sharedUint32 } from "./shared-memory.ts";

/**
 * @param sets at least one; of the same kind of rows, with the same columns or shape.
 * @returns their rows in order, with `sources`: a name of each set, and the number of each row's. One set is itself.
 * @throws data error where they do not fit together, naming both.
 */
export function poolDatasets(sets: readonly Dataset[]): Dataset {
  const [first, ...others] = sets;
  if (first === undefined) throw internalError("nothing to pool");
  if (others.length === 0) return first;
  for (const other of others) refuseMisfit(first, other);
  const of = sharedInt32(sets.reduce((sum, { rows }) => sum + rows.rows, 0));
  let at = 0;
  for (const [number, { rows }] of sets.entries()) {
    of.fill(number, at, at + rows.rows);
    at += rows.rows;
  }
  const fields = sets.flatMap((set) => set.fields ?? []);
  const notes = sets.flatMap((set) => set.notes ?? []);
  const labels = whole(sets, (set) => set.labels);
  const ids = whole(sets, (set) => set.ids);
  // Recording 3 of one place is not recording 3 of another.
  const groups = whole(sets, (set) => set.groups?.map((group) => `${sets.indexOf(set)}/${group}`));
  return {
    origin: sets.map(({ origin }) => origin).join(" + "),
    rows: poolRows(sets.map(({ rows }) => rows)),
    sources: { names: namesOf(sets), of },
    ...(fields.length > 0 && { fields: [...new Set(fields)] }),
    ...(labels && { labels }),
    ...(ids && { ids }),
    ...(groups && { groups }),
    ...(notes.length > 0 && { notes }),
  };
}

/** What every set has for its rows; undefined where none has it. Sets without it have nothing to say of their rows. */
function whole<T>(sets: readonly Dataset[], pick: (set: Dataset) => readonly T[] | undefined): T[] | undefined {
  const parts = sets.map(pick);
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
}

/** The last part of each path, as far as they differ; else numbered. */
function namesOf(sets: readonly Dataset[]): string[] {
  const short = sets.map(({ origin }) => origin.split(/[\\/]/).findLast((part) => part !== "") ?? origin);
  const names = new Set(short).size === short.length ? short : sets.map(({ origin }) => origin);
  return names.map((name, i) => (names.indexOf(name) === i ? name : `${name} (${i + 1})`));
}

/** Rows of one kind below each other; they have been checked. */
function poolRows(all: readonly Rows[]): Rows {
  const [first] = all;
  if (first === undefined) throw internalError("nothing to pool");
  const rows = all.reduce((sum, one) => sum + one.rows, 0);
  const of = <K extends Rows["kind"]>(kind: K): Extract<Rows, { kind: K }>[] =>
    all.filter((one): one is Extract<Rows, { kind: K }> => one.kind === kind);
  switch (first.kind) {
    case "table":
      return { kind: "table", rows, columns: first.columns.map(({ name }) => poolColumn(of("table"), name)) };
    case "dense":
      return { ...first, rows, values: joined(of("dense"), ({ values }) => values, sharedFloat32) };
    case "signal":
      return { ...first, rows, values: joined(of("signal"), ({ values }) => values, sharedFloat32) };
    case "image":
      return { ...first, rows, pixels: joined(of("image"), ({ pixels }) => pixels, sharedUint8) };
    case "sparse":
      return poolSparse(of("sparse"), first, rows);
    default:
      throw internalError(`no rows of kind ${String(first satisfies never)}`);
  }
}

function joined<R, A extends Float32Array | Uint8Array | Uint32Array>(
  parts: readonly R[],
  values: (part: R) => A,
  make: (length: number) => A,
): A {
  const all = make(parts.reduce((sum, part) => sum + values(part).length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(values(part), at);
    at += values(part).length;
  }
  return all;
}

function poolColumn(tables: readonly TableRows[], name: string): Column {
  const columns = tables.map((table) => table.columns.find((column) => column.name === name));
  const of = <K extends Column["kind"]>(kind: K): Extract<Column, { kind: K }>[] =>
    columns.filter((column): column is Extract<Column, { kind: K }> => column?.kind === kind);
  const [first] = columns;
  switch (first?.kind) {
    case "number":
      return { ...first, values: Float64Array.from(of("number").flatMap(({ values }) => [...values])) };
    case "category": {
      const vocabulary = [...new Set(of("category").flatMap((column) => column.vocabulary))];
      const numbers = new Map(vocabulary.map((word, code) => [word, code]));
      const codes = of("category").flatMap((column) =>
        Array.from(column.codes, (code) => numbers.get(column.vocabulary[code] ?? "") ?? -1),
      );
      return { ...first, vocabulary, codes: Int32Array.from(codes) };
    }
    case "text": {
      const { guessed: _, ...asked } = first;
      const values = of("text").flatMap((column) => column.values);
      return of("text").some(({ guessed }) => guessed === true) ? { ...first, values } : { ...asked, values };
    }
    case undefined:
      throw internalError(`no column ${name}`);
    default:
      throw internalError(`no column of kind ${String(first satisfies never)}`);
  }
}

function poolSparse(parts: readonly SparseRows[], first: SparseRows, rows: number): SparseRows {
  const offsets = sharedUint32(rows + 1);
  let [row, entries] = [0, 0];
  for (const part of parts) {
    for (let i = 1; i <= part.rows; i++) offsets[++row] = entries + (part.offsets[i] ?? 0);
    entries += part.indices.length;
  }
  return {
    ...first,
    rows,
    width: parts.reduce((most, { width }) => Math.max(most, width), 0),
    offsets,
    indices: joined(parts, ({ indices }) => indices, sharedUint32),
    values: joined(parts, ({ values }) => values, sharedFloat32),
  };
}

function refuseMisfit(first: Dataset, other: Dataset): void {
  const [a, b] = [first.rows, other.rows];
  const misfit = (expected: string, got: string, remedy: string): Error =>
    dataError("sources-differ", `${other.origin}: expected ${expected} as in ${first.origin}, got ${got}`, remedy);
  if (a.kind !== b.kind) throw misfit(`rows of kind ${a.kind}`, b.kind, "Give sources of one kind.");
  if (a.kind === "table" && b.kind === "table") refuseColumns(a, b, misfit);
  const [own, its] = [a, b].map(shapeOf);
  if (own !== its)
    throw misfit(
      own ?? "",
      its ?? "",
      a.kind === "image" ? "Bring them to one size with --image-size." : "Give sources of one shape.",
    );
}

type Misfit = (expected: string, got: string, remedy: string) => Error;

function refuseColumns(a: TableRows, b: TableRows, misfit: Misfit): void {
  const [own, its] = [a, b].map(({ columns }) => columns.map(({ name }) => name));
  const missing = (own ?? []).filter((name) => !its?.includes(name));
  const extra = (its ?? []).filter((name) => !own?.includes(name));
  if (missing.length > 0 || extra.length > 0)
    throw misfit(
      `the columns ${list(own ?? [], 6)}`,
      [
        ...(missing.length > 0 ? [`no ${list(missing, 6)}`] : []),
        ...(extra.length > 0 ? [`${list(extra, 6)} too`] : []),
      ].join(", "),
      "Leave columns out with --drop, or give them the same names.",
    );
  for (const { name, kind } of a.columns) {
    const its = b.columns.find((column) => column.name === name)?.kind;
    if (its !== kind)
      throw misfit(`${name} as ${kind}`, String(its), `Say what it is: --types ${name}=${kind}, or =category.`);
  }
}

/** What has to be equal beside the kind. Sparse rows of fewer features lack the last ones. */
function shapeOf(rows: Rows): string {
  switch (rows.kind) {
    case "table":
      return "a table";
    case "dense":
      return `${rows.width} features`;
    case "sparse":
      return `features counted from ${rows.indexBase}`;
    case "image":
      return `images of ${rows.height}x${rows.width} with ${rows.channels === 1 ? "one channel" : "three channels"}`;
    case "signal":
      return `signals of ${rows.channels} channels and ${rows.length} samples`;
    default:
      throw internalError(`no rows of kind ${String(rows satisfies never)}`);
  }
}
