/** Ctrl-C: the first one lets the work in progress end in good order, the second one ends at once. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Gives the signals back to Node. */
  release(): void;
}

/** @param said what the first one does. */
export function catchInterrupt(
  note: (text: string) => void,
  said = "stopping after this step, writing a checkpoint",
): Interrupt {
  const stop = new AbortController();
  const signals = ["SIGINT", "SIGTERM"] as const;
  const release = (): void => {
    for (const name of signals) process.off(name, handle);
  };
  const handle = (): void => {
    if (stop.signal.aborted) {
      // `process.exit` would tear the training thread down in the middle of a native call, which aborts the process with
      // a message of C++. The signal's own default ends it at once, and shells call that 130.
      release();
      process.kill(process.pid, "SIGINT");
      return;
    }
    stop.abort();
    note(`${said}; once more to stop at once`);
  };
  for (const name of signals) process.on(name, handle);
  return { signal: stop.signal, release };
}
