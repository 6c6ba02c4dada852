/** Where output goes: results to stdout, everything else to stderr; with `--json` one document and nothing else. */
import { printable } from "../errors.ts";
import { createProgress, type ProgressView } from "./render/progress.ts";
import { type Paint, painter } from "./render/style.ts";

export interface OutputOptions {
  /** Exactly one JSON document on stdout. */
  readonly json?: boolean | undefined;
  /** Nothing on stderr but errors. */
  readonly quiet?: boolean | undefined;
  /** Stack traces of errors. */
  readonly debug?: boolean | undefined;
}

export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Colours for stdout. */
  readonly paint: Paint;
  readonly progress: ProgressView;
  /** Text for people on stdout; nothing with `--json`. */
  result(text: string): void;
  /** The document of `--json`; nothing without. */
  document(value: object): void;
  /** Lines on stderr; nothing with `--quiet`. */
  note(text: string): void;
}

export function createOutput({ json = false, quiet = false }: OutputOptions): Output {
  const progress = createProgress(process.stderr, { quiet });
  return {
    json,
    quiet,
    paint: painter(process.stdout),
    progress,
    result(text) {
      if (!json) process.stdout.write(text);
    },
    document(value) {
      if (json) process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
    },
    note(text) {
      progress.line(text.split("\n").map(printable).join("\n"));
    },
  };
}
