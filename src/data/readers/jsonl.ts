/** JSON Lines: an object a line. Fields may come and go; a row without one has it missing. */
import { dataError } from "../../errors.ts";
import type { ReadOptions } from "../config.ts";
import type { ByteSource } from "../source.ts";
import type { Sink } from "./column-builder.ts";
import { emptyFile } from "./csv.ts";
import type { MakeTable, TableBuilder } from "./table-builder.ts";
import { type Line, lineBlocks } from "./text.ts";

/** Feeds every row to the table that `make` returns, and stops after every block of lines. */
export async function* decodeJsonl(source: ByteSource, options: ReadOptions, make: MakeTable): AsyncGenerator<void> {
  const fields = new Map<string, number>();
  let rows = 0;
  for await (const lines of lineBlocks(source, options.encoding)) {
    if (lines.length === 0) continue;
    const characters = lines.reduce((sum, { text }) => sum + text.length + 1, 0);
    const table = make([...fields.keys()], 100 + (1.05 * lines.length * source.size) / characters);
    for (const line of lines) {
      feed(source.name, line, table, fields);
      rows++;
    }
    yield;
  }
  if (rows === 0) throw emptyFile(source.name);
}

function feed(origin: string, line: Line, table: TableBuilder, fields: Map<string, number>): void {
  const object = parseLine(origin, line);
  for (const name of Object.keys(object)) {
    if (fields.has(name)) continue;
    fields.set(name, fields.size);
    table.addField(name);
  }
  for (const [name, field] of fields) {
    const sink = table.sinks[field];
    const value = object[name];
    const expected = sink === undefined ? undefined : pushValue(sink, value);
    if (expected === undefined) continue;
    throw dataError(
      "jsonl-value",
      `${origin}: line ${line.number}, "${name}": expected ${expected}, got ${preview(value)}`,
      Array.isArray(value) || typeof value === "object"
        ? "Spread nested values over fields of their own, or leave them out with --drop."
        : undefined,
    );
  }
  table.endRow();
}

function parseLine(origin: string, line: Line): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch (cause) {
    throw dataError(
      "jsonl-syntax",
      `${origin}: line ${line.number}: expected a JSON object, got ${preview(line.text)}`,
      undefined,
      { cause },
    );
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw dataError("jsonl-syntax", `${origin}: line ${line.number}: expected a JSON object, got ${preview(value)}`);
}

/** Hands a typed value on; says what was expected where it does not fit. */
export function pushValue(sink: Sink, value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return sink.push(value);
    case "number":
      sink.pushNumber(value);
      return undefined;
    case "bigint":
      sink.pushNumber(Number(value));
      return undefined;
    case "boolean":
      return sink.push(String(value));
    case "undefined":
      return sink.pushMissing();
    default:
      if (value === null) return sink.pushMissing();
      if (value instanceof Date) return sink.push(value.toISOString());
      return "a number, a string, a boolean or null";
  }
}

function preview(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
