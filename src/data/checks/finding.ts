/** What a check has to say. Errors stop a run before it starts; warnings are shown and kept with its result. */

export interface Finding {
  readonly level: "error" | "warning";
  /** Stable, kebab-case, as the codes of errors. */
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
}

const finding =
  (level: Finding["level"]) =>
  (code: string, message: string, remedy?: string): Finding => ({
    level,
    code,
    message,
    ...(remedy === undefined ? {} : { remedy }),
  });

export const problem: (code: string, message: string, remedy?: string) => Finding = finding("error");
export const warning: (code: string, message: string, remedy?: string) => Finding = finding("warning");
