/** Where a session runs: in a worker thread of Node, so that Ctrl-C, progress and servers stay alive; else here. */
import { DannError, internalError, runError } from "../errors.ts";
import type { SessionHooks, SessionOutcome } from "./context.ts";
import type { SessionPlan } from "./plan.ts";
import type { SessionSave } from "./progress.ts";
import { type FromWorker, revivedError, type ToWorker } from "./protocol.ts";
import type { RefinePlan } from "./refine/plan.ts";
import { runPlan } from "./run-plan.ts";

/** `same`: this thread. `worker`: another one. Default `auto`: a worker in Node, unless the network holds functions. */
export type ThreadChoice = "auto" | "worker" | "same";

export type RunPlan = typeof runPlan;

export function sessionRunner(choice: ThreadChoice, plan: SessionPlan | RefinePlan): RunPlan {
  const possible = inNode() && plan.network.kind !== "made";
  if (choice === "worker" && !possible) {
    throw new DannError(
      "usage",
      "thread",
      `thread: a worker needs Node and a network by name, got ${inNode() ? "a network made by hand" : "a browser"}`,
      'Use thread: "same".',
    );
  }
  return possible && choice !== "same" ? runInWorker : runPlan;
}

const inNode = (): boolean => typeof process !== "undefined" && process.versions?.node !== undefined;

/** Runs the session of `worker.ts`, from TypeScript or from the build, wherever this file itself came from. */
async function runInWorker(
  plan: SessionPlan | RefinePlan,
  hooks: SessionHooks,
  resume?: SessionSave,
): Promise<SessionOutcome> {
  const worker = import.meta.url.endsWith(".ts") ? typescriptWorker() : builtWorker();
  const say = (message: ToWorker): void => worker.postMessage(message);
  const abort = (): void => say({ type: "abort" });
  hooks.signal.addEventListener("abort", abort);
  try {
    return await new Promise<SessionOutcome>((resolve, reject) => {
      const handle = async (message: FromWorker): Promise<void> => {
        switch (message.type) {
          case "event":
            return hooks.event(message.event);
          case "save":
            await hooks.save(message.save);
            return say({ type: "done" });
          case "model":
            return say({ type: "done", bytes: await hooks.writeModel(message.bytes) });
          case "outcome":
            return resolve(message.outcome);
          case "error":
            return reject(revivedError(message.error));
          default:
            throw internalError(`unknown message ${String(message satisfies never)}`);
        }
      };
      worker.on("message", (message: FromWorker) => void handle(message).catch(reject));
      worker.on("error", (cause: unknown) => reject(workerError(cause)));
      worker.on("exit", (code) => reject(workerError(new Error(`it ended with code ${code}`))));
      say({ type: "start", plan, resume });
      if (hooks.signal.aborted) abort();
    });
  } finally {
    hooks.signal.removeEventListener("abort", abort);
    await worker.terminate();
  }
}

function workerError(cause: unknown): Error {
  const { code, message } = cause as { code?: string; message: string };
  if (code === "ERR_WORKER_OUT_OF_MEMORY") {
    return runError("memory", "training ran out of memory", "Use smaller batches (--batch) or a smaller network.", {
      cause: cause as Error,
    });
  }
  return new Error(`the training worker failed: ${message}`, { cause });
}

type Worker = import("node:worker_threads").Worker;

function builtWorker(): Worker {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const entry: string = "./worker.js";
  return new Worker(new URL(/* @vite-ignore */ entry, import.meta.url));
}

/** From source, in tests and examples: a worker does not inherit how TypeScript is loaded, so it is told. */
function typescriptWorker(): Worker {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const { createRequire } = process.getBuiltinModule("node:module");
  const { pathToFileURL } = process.getBuiltinModule("node:url");
  const manifest = pathToFileURL(createRequire(import.meta.url).resolve("tsx/package.json"));
  const loader = new URL(/* @vite-ignore */ `./dist/esm/api/index.${"mjs"}`, manifest).href;
  const entry = new URL(/* @vite-ignore */ `./worker.${"ts"}`, import.meta.url).href;
  const code = `import(${JSON.stringify(loader)}).then(async ({ register }) => { register(); await import(${JSON.stringify(entry)}); })`;
  return new Worker(code, { eval: true, execArgv: ["--conditions=dann-source"] });
}
