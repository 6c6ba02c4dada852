/** Hooks of a session that keep it in a run folder. */
import { encodeNpz } from "../data/writers/npy.ts";
import { DannError } from "../errors.ts";
import type { Embedding, SessionHooks } from "./context.ts";
import type { AdaptEvent } from "./events.ts";
import { filesOf, type SavedProgress, type SessionSave } from "./progress.ts";
import type { AdaptResult } from "./result.ts";
import { type RunFolder, runFiles } from "./run-folder.ts";

export interface Recording {
  /** Hooks that write, and pass events on to `listen`. */
  readonly hooks: Omit<SessionHooks, "signal">;
  /** Writes the result, last of all. */
  finish(result: AdaptResult, model: Uint8Array, embedding: Embedding): Promise<AdaptResult>;
  /** Notes how it ended and closes the folder. */
  close(error: unknown): Promise<void>;
}

export interface RecordingRequest {
  /** Opens the folder; called at the first event, so that a run that cannot begin leaves nothing. */
  readonly open: () => Promise<RunFolder>;
  /** Hash of the data, saved with each checkpoint. */
  readonly data: string;
  readonly listen: (event: AdaptEvent) => void;
  /** Called with an error of writing: training goes on for nothing. */
  readonly fail: (error: unknown) => void;
  /** Whether `report.html` is written with the result. */
  readonly report: ReportChoice;
}

/** `on-demand`: `dann report` makes it when somebody asks. For many runs that nobody looks at one by one. */
export type ReportChoice = "with-result" | "on-demand";

/** Where a model lies until it was verified. */
const unverified = ".model.onnx.unverified.tmp";

export function record({ open, data, listen, fail, report }: RecordingRequest): Recording {
  let folder: Promise<RunFolder> | undefined;
  const opened = (): Promise<RunFolder> => {
    folder ??= open();
    return folder;
  };
  // Events come faster than a disk may take them: they are written one after the other, and saves wait for them.
  let queue: Promise<void> = Promise.resolve();
  const then = (write: (folder: RunFolder) => Promise<void>): Promise<void> => {
    queue = queue.then(async () => write(await opened()));
    queue.catch(fail);
    return queue;
  };
  return {
    hooks: {
      event(event) {
        listen(event);
        // Features come before the run begins: there is nothing yet to keep.
        if (event.type === "result" || event.type === "features") return;
        void then(async (run) => {
          await run.event(event);
          const line = logLine(event);
          if (line !== undefined) await run.log(line);
        });
      },
      save: (save) => then((run) => keep(run, save, data)),
      async writeModel(bytes) {
        await then((run) => run.write(unverified, bytes));
        const written = await (await opened()).read(unverified);
        return written ?? bytes;
      },
    },
    async finish(result, model, embedding) {
      const complete = { ...result, run: (await opened()).path };
      await then(async (run) => {
        await run.write(runFiles.labels, `${JSON.stringify(result.task.classes, undefined, 2)}\n`);
        await run.write(runFiles.embedding, encodeNpz(embedding.arrays));
        await run.write(runFiles.model, model);
        await run.remove(unverified);
        await run.log(result.verdict.text);
        if (report === "with-result") await writeReport(run, complete, embedding);
        await run.write(runFiles.result, `${JSON.stringify(complete, undefined, 2)}\n`);
      });
      return complete;
    },
    async close(error) {
      if (folder === undefined) return;
      await queue.catch(() => undefined);
      const run = await folder.catch(() => undefined);
      if (run === undefined) return;
      await run.remove(unverified).catch(() => undefined);
      if (error !== undefined) {
        const text =
          error instanceof DannError
            ? error.format()
            : error instanceof Error
              ? (error.stack ?? error.message)
              : String(error);
        await run.log(text).catch(() => undefined);
      }
      await run.release();
    },
  };
}

/** A page that cannot be drawn must not cost a run that is whole: then the log says so. */
async function writeReport(run: RunFolder, result: AdaptResult, { arrays }: Embedding): Promise<void> {
  const text = async (name: string): Promise<string | undefined> => {
    const bytes = await run.read(name);
    return bytes && new TextDecoder().decode(bytes);
  };
  const [metrics = "", config] = [await text(runFiles.metrics), await text(runFiles.config)];
  // Loaded when needed: pages that train without a folder draw none.
  const { reportOf } = await import("./report.ts");
  const page = await reportOf({ result, metrics, config, arrays }).catch((cause: unknown) => {
    if (cause instanceof Error) return cause;
    throw cause;
  });
  if (page instanceof Error) await run.log(`${runFiles.report} was not drawn: ${page.stack ?? page.message}`);
  else await run.write(runFiles.report, page);
}

/** Files first, then the progress that speaks of them, then the files that nothing speaks of any more are removed. */
async function keep(run: RunFolder, { progress, files }: SessionSave, data: string): Promise<void> {
  for (const [name, bytes] of files) await run.write(`${runFiles.checkpoint}/${name}`, bytes);
  const saved: SavedProgress = { ...progress, metricsLength: run.metricsLength(), data };
  await run.write(`${runFiles.checkpoint}/${runFiles.progress}`, `${JSON.stringify(saved)}\n`);
  const spoken = new Set([...filesOf(progress), runFiles.progress]);
  for (const name of await run.list(runFiles.checkpoint)) {
    if (!spoken.has(name)) await run.remove(`${runFiles.checkpoint}/${name}`);
  }
}

/** Events that a person reads in log.txt. */
function logLine(event: AdaptEvent): string | undefined {
  switch (event.type) {
    case "plan":
      return [
        `network ${event.network.name} (${event.network.why})`,
        event.network.description,
        ...event.warnings.map((text) => `warning: ${text}`),
      ].join("\n");
    case "start":
      return `${event.model}: ${event.steps} steps on ${event.device} with ${event.threads} threads, from step ${event.fromStep}`;
    case "epoch":
      return `${event.model}: epoch ${event.epoch}, step ${event.step}: ${pairs(event.validators)} ${pairs(event.scores)}`;
    case "class-weights":
      return `${event.model}: step ${event.step}: class weights ${event.weights.map((weight) => weight.toFixed(3)).join(" ")}`;
    case "health":
      return `${event.model}: health at epoch ${event.epoch}: ${event.findings.map(({ code }) => code).join(" ") || "nothing found"}`;
    case "diverged":
      return `${event.model}: ${event.reason}`;
    case "done":
      return `${event.model}: ${event.reason} at step ${event.step}`;
    default:
      return undefined;
  }
}

const pairs = (values: Readonly<Record<string, number | undefined>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value?.toFixed(4)}`)
    .join(" ");
