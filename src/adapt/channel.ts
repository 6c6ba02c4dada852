/** A stream that any number of readers follow, each from its beginning: events are few (reports, not steps). */

export interface Channel<T> {
  send(value: T): void;
  /** Ends the stream; with an error, readers get it after the last value. */
  close(error?: unknown): void;
  read(): AsyncIterable<T>;
}

export function createChannel<T>(): Channel<T> {
  const values: T[] = [];
  let ended: { readonly error: unknown } | undefined;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const readers = waiting;
    waiting = [];
    for (const resume of readers) resume();
  };
  return {
    send(value) {
      values.push(value);
      wake();
    },
    close(error) {
      ended ??= { error };
      wake();
    },
    async *read() {
      for (let next = 0; ; ) {
        if (next < values.length) {
          yield values[next++] as T;
        } else if (ended !== undefined) {
          if (ended.error !== undefined) throw ended.error;
          return;
        } else {
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
      }
    },
  };
}
