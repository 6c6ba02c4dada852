/**
 * Errors are for the person who sees them: one line that says what is wrong, what was expected and what came,
 * then the remedy. `kind` decides the exit code of the command line; `code` is stable and can be matched on.
 */

/** What went wrong in kind; each kind has one exit code. */
export type ErrorKind = "run" | "usage" | "data" | "engine" | "interrupted";

/** Exit codes of the command line, by kind of error. 0 is success. */
export const exitCodes = { run: 1, usage: 2, data: 3, engine: 4, interrupted: 130 } as const satisfies Record<
  ErrorKind,
  number
>;

/** Every error that `dann` raises on purpose. Anything else that escapes is a bug of ours. */
export class DannError extends Error {
  readonly kind: ErrorKind;
  /** Stable, kebab-case: `csv-ragged-row`, `unknown-key`. */
  readonly code: string;
  /** What the reader can do about it; one sentence. */
  readonly remedy: string | undefined;

  constructor(kind: ErrorKind, code: string, message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DannError";
    this.kind = kind;
    this.code = code;
    this.remedy = remedy;
  }

  /** `error[code]: message`, then the remedy on a line of its own. */
  format(): string {
    const head = `error[${this.code}]: ${printable(this.message)}`;
    return this.remedy === undefined ? head : `${head}\n  ${printable(this.remedy)}`;
  }
}

/** Names of files and values of cells may hold what would break a line or steer a terminal: it is shown as `\\u001b`. */
export const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

export const runError = (code: string, message: string, remedy?: string, options?: ErrorOptions): DannError =>
  new DannError("run", code, message, remedy, options);
export const usageError = (code: string, message: string, remedy?: string): DannError =>
  new DannError("usage", code, message, remedy);
export const dataError = (code: string, message: string, remedy?: string, options?: ErrorOptions): DannError =>
  new DannError("data", code, message, remedy, options);
export const engineError = (code: string, message: string, remedy?: string, options?: ErrorOptions): DannError =>
  new DannError("engine", code, message, remedy, options);

/** A broken invariant of our own: the message opens with `internal:` so that nobody searches their data for it. */
export const internalError = (message: string): Error => new Error(`internal: ${message}`);
