/** Ctrl-C: the first one stops after the step in progress and writes a checkpoint, the second one ends at once. */
import { exitCodes } from "../errors.ts";

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Gives the signals back to Node. */
  release(): void;
}

/** @param said what the first Ctrl-C leads to. */
export function catchInterrupt(
  note: (text: string) => void,
  said = "stopping after this step, writing a checkpoint; once more to stop at once",
): Interrupt {
  const stop = new AbortController();
  const handle = (): void => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    stop.abort();
    note(said);
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const name of signals) process.on(name, handle);
  return {
    signal: stop.signal,
    release() {
      for (const name of signals) process.off(name, handle);
    },
  };
}
