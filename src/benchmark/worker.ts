/** Entry of a worker process: does the jobs that its coordinator hands out, until that one is gone. */
import { internalError } from "../errors.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

if (process.send === undefined) throw internalError("the worker's entry was loaded outside a worker");
// Where the coordinator is gone there is nobody to tell.
const say = (message: FromWorker): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

let stop: AbortController | undefined;

process.on("message", (message: ToWorker) => {
  switch (message.type) {
    case "work":
      void work(message);
      break;
    case "stop":
      stop?.abort();
      break;
    default:
      message satisfies never;
  }
});

async function work({ job, store, places }: ToWorker & { type: "work" }): Promise<void> {
  stop = new AbortController();
  const { signal } = stop;
  // Loaded late: until the listeners below stand, Ctrl-C on a terminal would end the process.
  const { doJob } = await import("./work.ts");
  const outcome = await doJob(job, {
    store,
    places,
    signal,
    progress: (share) => say({ type: "progress", share }),
    kept: () => say({ type: "kept" }),
  });
  stop = undefined;
  if (!process.connected) process.exit();
  say({ type: "ended", outcome });
}

// The coordinator has ended or was killed: a job in progress is left at a checkpoint for the next one.
process.on("disconnect", () => {
  if (stop === undefined) process.exit();
  stop.abort();
});

// Ctrl-C on a terminal reaches all processes of the group; what is to be done about it the coordinator says.
process.on("SIGINT", () => undefined);
