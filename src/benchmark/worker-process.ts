/** A worker process as its coordinator sees it. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { FromWorker, ToWorker } from "./protocol.ts";
import type { Outcome } from "./work.ts";

/** The process has ended in the middle of a job. */
export interface Died {
  readonly kind: "died";
  /** Killed from outside or for want of memory, rather than by a fault of its own. */
  readonly killed: boolean;
  /** For people: the signal or the exit code, and what it said last. */
  readonly reason: string;
}

export interface WorkerProcess {
  readonly pid: number | undefined;
  work(message: ToWorker & { type: "work" }, listen: (message: FromWorker) => void): Promise<Outcome | Died>;
  stop(): void;
  /** Lets it end; resolves when it has. */
  end(): Promise<void>;
}

/** Characters of what a worker says on stderr that are kept for the reason of its death. */
const lastWords = 2000;

export function startWorker(): WorkerProcess {
  const child = open();
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-lastWords);
  });
  let ended: Died | undefined;
  const exited = new Promise<Died>((resolve) => {
    const end = (died: Died): void => {
      ended ??= died;
      resolve(ended);
    };
    child.on("error", (cause) => end({ kind: "died", killed: false, reason: cause.message }));
    // Not `close`: where we have closed the channel ourselves, Node does not emit it.
    child.on("exit", async (code, signal) => {
      if (child.stderr?.closed === false) await once(child.stderr, "close");
      const how = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
      const words = said.trim() === "" ? "" : `, having said: ${said.trim()}`;
      end({ kind: "died", killed: signal === "SIGKILL" || signal === "SIGTERM", reason: `${how}${words}` });
    });
  });
  return {
    pid: child.pid,
    work(message, listen) {
      if (ended !== undefined) return Promise.resolve(ended);
      const done = new Promise<Outcome>((resolve) => {
        const hear = (said: FromWorker): void => {
          listen(said);
          if (said.type !== "ended") return;
          child.off("message", hear);
          resolve(said.outcome);
        };
        child.on("message", hear);
      });
      // A process that is ending can no longer be told anything; that it has ended is told by `exited`.
      child.send(message, () => undefined);
      return Promise.race([done, exited]);
    },
    stop: () => void (child.connected && child.send({ type: "stop" } satisfies ToWorker, () => undefined)),
    async end() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** From the build, or from TypeScript in tests: wherever this file itself came from. */
function open(): ChildProcess {
  const source = import.meta.url.endsWith(".ts");
  const entry = new URL(source ? "./worker.ts" : "./worker.js", import.meta.url);
  const loader = (): string => {
    const manifest = pathToFileURL(createRequire(import.meta.url).resolve("tsx/package.json"));
    return new URL("./dist/loader.mjs", manifest).href;
  };
  return fork(fileURLToPath(entry), {
    execArgv: source ? ["--conditions=dann-source", "--import", loader()] : [],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}
