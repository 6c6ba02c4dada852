/** Entry of the training worker in Node: a session whose hooks are messages, so that the main thread stays alive. */
import { parentPort } from "node:worker_threads";
import { internalError } from "../errors.ts";
import { type FromWorker, plainError, type ToWorker } from "./protocol.ts";
import { runPlan } from "./run-plan.ts";

const port = parentPort;
if (port === null) throw internalError("the worker's entry was loaded outside a worker");
const say = (message: FromWorker): void => port.postMessage(message);

const stop = new AbortController();
let answered: ((message: ToWorker & { type: "done" }) => void) | undefined;
/** Sends a request and waits for its answer; a session has one request open at a time. */
const ask = (message: FromWorker): Promise<ToWorker & { type: "done" }> =>
  new Promise((resolve) => {
    answered = resolve;
    say(message);
  });

port.on("message", (message: ToWorker) => {
  if (message.type === "abort") stop.abort();
  else if (message.type === "done") answered?.(message);
  else void run(message);
});

async function run({ plan, resume }: ToWorker & { type: "start" }): Promise<void> {
  try {
    const outcome = await runPlan(
      plan,
      {
        signal: stop.signal,
        event: (event) => say({ type: "event", event }),
        async save(save) {
          await ask({ type: "save", save });
        },
        async writeModel(bytes) {
          const { bytes: written } = await ask({ type: "model", bytes });
          if (written === undefined) throw internalError("the main thread wrote a model and gave nothing back");
          return written;
        },
      },
      resume,
    );
    say({ type: "outcome", outcome });
  } catch (error) {
    say({ type: "error", error: plainError(error) });
  }
}
