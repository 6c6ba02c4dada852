/** What all commands share: strict parsing, our words for commander's errors, the flags of output. */
import { Command, CommanderError } from "@commander-js/extra-typings";
import { DannError, usageError } from "../errors.ts";

/** A command that throws instead of ending the process, and says nothing by itself. */
export function makeCommand(name: string, summary: string): Command {
  return new Command(name)
    .description(summary)
    .exitOverride()
    .configureOutput({ writeErr: () => {}, outputError: () => {} })
    .allowExcessArguments(false)
    .showSuggestionAfterError(true)
    .helpOption("-h, --help", "show this help");
}

/** A flag that may be given many times. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** The last flags of every command that trains. */
export const trainingFlags = (command: Command, set: string, dryRun: string): Command =>
  command
    .option("--set <key=value>", set, collect)
    .option("--dry-run", dryRun)
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag) as Command;

export const debugFlag = ["--debug", "show stack traces of errors"] as const;
export const quietFlag = ["--quiet", "nothing on stderr but errors"] as const;
export const jsonFlag = ["--json", "print exactly one JSON document on stdout"] as const;

/** Commander's errors in our form; help and version are no errors and give undefined. */
export function translated(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.exitCode === 0) return undefined;
  const [first = "", hint] = error.message.replace(/^error: /, "").split("\n");
  const code = error.code.replace(/^commander\./, "").replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const guess = hint?.replace(/^\(|\)$/g, "");
  return usageError(code, first.replace(/\.$/, ""), guess ?? "See --help.");
}

/** How an error is shown, and the exit code that it means. */
export function describeError(error: unknown, debug: boolean): string {
  if (error instanceof DannError) return debug ? `${error.format()}\n${error.stack ?? ""}` : error.format();
  const message = error instanceof Error ? error.message : String(error);
  const head = `error[unexpected]: ${message.split("\n")[0]}\n  Please report this at the project's issues, with the command and the output of --debug.`;
  return debug && error instanceof Error ? `${head}\n${error.stack ?? ""}` : head;
}
