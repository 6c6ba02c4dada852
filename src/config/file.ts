/** Configuration files: YAML, of which JSON is a part. */
import { isMap, isScalar, LineCounter, parseDocument, stringify } from "yaml";
import { usageError } from "../errors.ts";
import { isPlain, type Plain } from "./merge.ts";

/** The content of a configuration file as plain data; `origin` is its name in messages. */
export function parseConfig(text: string, origin: string): Plain {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    const what = error.message.split("\n")[0]?.replace(/\.$/, "") ?? "not valid";
    throw usageError("config-syntax", `${origin}, line ${line}, column ${col}: expected YAML or JSON: ${lower(what)}`);
  }
  // An empty file is an empty configuration.
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) return {};
  const value: unknown = isMap(document.contents) ? document.toJS({ maxAliasCount: 100 }) : undefined;
  if (isPlain(value)) return value;
  throw usageError("config-syntax", `${origin}: expected keys and values (KEY: VALUE), got something else`);
}

/** One value as a flag has it: `0.1`, `true`, `[a, b]`, `{name: sgd}`, or a word. */
export function parseValue(text: string, origin: string): unknown {
  const document = parseDocument(text, { prettyErrors: false });
  const [error] = document.errors;
  if (error === undefined) return document.toJS({ maxAliasCount: 100 }) as unknown;
  throw usageError("config-syntax", `${origin}: expected a value as YAML has it, got ${JSON.stringify(text)}`);
}

/** A configuration as it is saved with a run. */
export const printConfig = (config: Plain): string => stringify(config, { lineWidth: 0 });

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
