/** svmlight (libsvm): `label index:value …` a line, sparse; a trailing `# comment` and `qid:` fields are passed over. */
import { dataError } from "../../errors.ts";
import type { ReadOptions } from "../config.ts";
import type { Dataset } from "../dataset.ts";
import { labelNumber } from "../number-labels.ts";
import { sharedFloat32, sharedUint32 } from "../shared-memory.ts";
import type { ByteSource } from "../source.ts";
import { Blocks } from "./blocks.ts";
import { dictionary } from "./column-builder.ts";
import { emptyFile } from "./csv.ts";
import { numberLabel } from "./table-builder.ts";
import { type Line, lineBlocks } from "./text.ts";

interface Entries {
  /** Entries before each row. */
  readonly offsets: Blocks<Uint32Array>;
  /** As in the file; the base is taken off at the end. */
  readonly indices: Blocks<Uint32Array>;
  readonly values: Blocks<Float32Array>;
  readonly labels: (string | undefined)[];
  least: number;
  largest: number;
  largestLine: number;
}

/** Made over shared memory at once: the blocks are the result, unless the file turns out larger than expected. */
const noEntries = (expected: { readonly rows: number; readonly entries: number }): Entries => ({
  offsets: new Blocks<Uint32Array>(sharedUint32, expected.rows),
  indices: new Blocks<Uint32Array>(sharedUint32, expected.entries),
  values: new Blocks<Float32Array>(sharedFloat32, expected.entries),
  labels: [],
  least: Number.POSITIVE_INFINITY,
  largest: -1,
  largestLine: 0,
});

/** Rows and entries of the whole file, or of a piece of it, if it goes on as it begins; a little more. */
function expectedSize(lines: readonly Line[], bytes: number, chunkRows: number): { rows: number; entries: number } {
  let [characters, colons] = [0, 0];
  for (const { text } of lines) {
    characters += text.length + 1;
    for (let at = text.indexOf(":"); at >= 0; at = text.indexOf(":", at + 1)) colons++;
  }
  const rows = Math.min((1.05 * bytes * lines.length) / Math.max(1, characters), 2 * chunkRows);
  return { rows: rows + 100, entries: (rows * colons) / Math.max(1, lines.length) + 1000 };
}

/** Rows and labels, everything at once or about `chunkRows` rows at a time (then `indexBase` must be known). */
export async function* decodeSvmlight(
  source: ByteSource,
  options: ReadOptions,
  chunkRows: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Dataset> {
  const words = dictionary();
  const numbers = options.labelType === "number";
  const label = (text: string, line: number): string => {
    if (numbers && labelNumber(text) === undefined)
      throw dataError("label-number", `${source.name}: line ${line}: expected ${numberLabel}, got "${text}"`);
    return words.words[words.code(canonical(text))] ?? text;
  };
  let entries: Entries | undefined;
  let rows = 0;
  for await (const lines of lineBlocks(source, options.encoding)) {
    entries ??= noEntries(expectedSize(lines, source.size, chunkRows));
    for (const line of lines) {
      if (!line.text.trimStart().startsWith("#")) parseRow(source.name, line, entries, label);
    }
    if (entries.labels.length < chunkRows) continue;
    rows += entries.labels.length;
    yield finish(source.name, entries, options);
    entries = undefined;
  }
  rows += entries?.labels.length ?? 0;
  if (rows === 0) throw emptyFile(source.name);
  if (entries !== undefined && entries.labels.length > 0) yield finish(source.name, entries, options);
}

/** `+1` and `1.0` are the label 1. */
const canonical = (label: string): string => {
  const value = Number(label);
  return Number.isNaN(value) ? label : String(value);
};

function parseRow(origin: string, line: Line, entries: Entries, label: (text: string, line: number) => string): void {
  const comment = line.text.indexOf("#");
  const tokens = (comment < 0 ? line.text : line.text.slice(0, comment)).trim().split(/\s+/);
  entries.offsets.push(entries.indices.length);
  const labelled = tokens[0]?.includes(":") === false;
  entries.labels.push(labelled && tokens[0] !== undefined ? label(tokens[0], line.number) : undefined);
  const seen = new Set<number>();
  let previous = -1;
  let sorted = true;
  for (let i = labelled ? 1 : 0; i < tokens.length; i++) {
    const token = tokens[i] ?? "";
    const colon = token.indexOf(":");
    const index = colon > 0 ? Number(token.slice(0, colon)) : Number.NaN;
    const value = colon > 0 && colon < token.length - 1 ? Number(token.slice(colon + 1)) : Number.NaN;
    if (token.startsWith("qid:")) continue;
    if (!Number.isInteger(index) || index < 0 || index > 0xfffffffe || Number.isNaN(value)) {
      throw dataError("svmlight-entry", `${origin}: line ${line.number}: expected index:value, got "${token}"`);
    }
    // Sorted rows, the rule, cannot repeat an index; only the others are remembered.
    if (sorted && index <= previous) {
      sorted = false;
      for (const earlier of tokens.slice(labelled ? 1 : 0, i)) seen.add(Number(earlier.split(":")[0]));
    }
    if (!sorted) {
      if (seen.has(index))
        throw dataError(
          "svmlight-entry",
          `${origin}: line ${line.number}: expected each index once, got ${index} twice`,
        );
      seen.add(index);
    }
    previous = index;
    entries.indices.push(index);
    entries.values.push(value);
    if (index < entries.least) entries.least = index;
    if (index > entries.largest) {
      entries.largest = index;
      entries.largestLine = line.number;
    }
  }
}

function finish(origin: string, entries: Entries, options: ReadOptions): Dataset {
  const wanted = options.indexBase ?? "auto";
  const indexBase = wanted !== "auto" ? wanted : entries.least === 0 ? 0 : 1;
  if (entries.least < indexBase) {
    throw dataError(
      "svmlight-base",
      `${origin}: expected indices from 1, got index 0`,
      "Pass `indexBase: 0` for both domains: files of one task must count alike.",
    );
  }
  const found = Math.max(1, entries.largest - indexBase + 1);
  const width = options.width ?? found;
  if (found > width) {
    throw dataError(
      "svmlight-width",
      `${origin}: line ${entries.largestLine}: expected indices below ${width + indexBase}, got ${entries.largest}`,
    );
  }
  const rows = entries.labels.length;
  entries.offsets.push(entries.indices.length);
  const offsets = entries.offsets.join();
  const indices = entries.indices.join();
  const values = entries.values.join();
  if (indexBase === 1) for (let i = 0; i < indices.length; i++) indices[i] = (indices[i] ?? 1) - 1;
  return {
    origin,
    rows: { kind: "sparse", rows, width, indexBase, offsets, indices, values },
    ...(entries.labels.some((label) => label !== undefined) ? { labels: entries.labels } : {}),
  };
}
