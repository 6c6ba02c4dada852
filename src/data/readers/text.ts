/** Bytes to text, a block at a time: encodings, byte order marks, and errors that say at which byte. */
import { dataError } from "../../errors.ts";
import type { ByteSource } from "../source.ts";

/** The text of a source in blocks, line ends as \n. */
export async function* textBlocks(source: ByteSource, encoding = "auto"): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let label = encoding;
  let bytes = 0;
  let tail: Uint8Array = new Uint8Array(0);
  // A carriage return at the end of a block may be the first half of a line end.
  let held = "";
  for await (const block of source.stream()) {
    if (decoder === undefined) {
      label = encoding === "auto" || encoding === "utf-16" ? encodingOf(block, encoding) : encoding;
      refuseBinary(block, label, source.name);
      decoder = new TextDecoder(label, { fatal: true });
    }
    let text: string;
    try {
      text = decoder.decode(block as Uint8Array<ArrayBuffer>, { stream: true });
    } catch (cause) {
      throw badText(source.name, label, bytes, tail, block, cause);
    }
    tail = block.slice(Math.max(0, block.length - 3));
    bytes += block.length;
    text = held + text;
    held = text.endsWith("\r") ? "\r" : "";
    if (held !== "") text = text.slice(0, -1);
    if (text !== "") yield normalLines(text);
  }
  let rest = "";
  try {
    rest = decoder?.decode() ?? "";
  } catch (cause) {
    throw badText(source.name, label, bytes, tail, new Uint8Array(0), cause);
  }
  if (held + rest !== "") yield normalLines(held + rest);
}

const normalLines = (text: string): string => (text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text);

/** By the byte order mark; UTF-8 without one, and little-endian where UTF-16 was asked for. */
function encodingOf(block: Uint8Array, asked: string): string {
  if (block[0] === 0xff && block[1] === 0xfe) return "utf-16le";
  if (block[0] === 0xfe && block[1] === 0xff) return "utf-16be";
  return asked === "utf-16" ? "utf-16le" : "utf-8";
}

function refuseBinary(block: Uint8Array, label: string, name: string): void {
  if (label.toLowerCase().startsWith("utf-16")) return;
  const zero = block.subarray(0, 4096).indexOf(0);
  if (zero < 0) return;
  throw dataError(
    "not-text",
    `${name}: byte ${zero}: expected text, got a zero byte`,
    "If it is UTF-16, pass --encoding utf-16; if it is a spreadsheet or an archive, export it as CSV.",
  );
}

function badText(
  name: string,
  label: string,
  before: number,
  tail: Uint8Array,
  block: Uint8Array,
  cause: unknown,
): Error {
  const utf8 = label.toLowerCase() === "utf-8" || label.toLowerCase() === "utf8";
  const joined = new Uint8Array(tail.length + block.length);
  joined.set(tail);
  joined.set(block, tail.length);
  const offset = utf8 ? firstInvalidUtf8(joined) + before - tail.length : before;
  return dataError(
    "encoding",
    `${name}: byte ${utf8 ? offset : `${offset} or later`}: expected ${label} text, got bytes that are not`,
    utf8 ? "Pass the encoding it was saved in, such as --encoding latin1." : "Check --encoding.",
    { cause },
  );
}

/** Offset of the first byte that no UTF-8 sequence explains; continuation bytes at the very start belong to a cut one. */
export function firstInvalidUtf8(bytes: Uint8Array): number {
  let i = 0;
  while (i < 3 && ((bytes[i] ?? 0) & 0xc0) === 0x80) i++;
  while (i < bytes.length) {
    const lead = bytes[i] ?? 0;
    const length =
      lead < 0x80
        ? 1
        : lead >= 0xc2 && lead < 0xe0
          ? 2
          : lead >= 0xe0 && lead < 0xf0
            ? 3
            : lead >= 0xf0 && lead < 0xf5
              ? 4
              : 0;
    if (length === 0) return i;
    for (let k = 1; k < length; k++) if (((bytes[i + k] ?? 0) & 0xc0) !== 0x80) return i;
    i += length;
  }
  return bytes.length;
}

/** A line and its number from 1. */
export interface Line {
  readonly text: string;
  readonly number: number;
}

/** The lines of a source, blank ones left out, several at a time. */
export async function* lineBlocks(source: ByteSource, encoding?: string): AsyncGenerator<Line[]> {
  let rest = "";
  let number = 0;
  for await (const block of textBlocks(source, encoding)) {
    const lines = (rest + block).split("\n");
    rest = lines.pop() ?? "";
    yield numbered(lines, number);
    number += lines.length;
  }
  yield numbered([rest], number);
}

const numbered = (lines: readonly string[], before: number): Line[] =>
  lines.map((text, index) => ({ text, number: before + index + 1 })).filter((line) => line.text.trim() !== "");
