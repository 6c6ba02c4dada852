/** What must be the same of a run that was interrupted and one that was not. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dann, type Ran } from "./cli.ts";

/** Everything of a run that may not depend on when it was interrupted. */
export function fingerprint(run: string): Record<string, unknown> {
  const {
    seconds: _s,
    spent: _t,
    stepsPerSecond: _r,
    run: _n,
    ...result
  } = JSON.parse(readFileSync(join(run, "result.json"), "utf8"));
  const events = readFileSync(join(run, "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    // Each sitting opens with a plan and a start, and training that was cut off by Ctrl-C ends twice.
    .filter(({ type }) => type === "step" || type === "epoch")
    .map(({ stepsPerSecond: _, ...event }) => event);
  const bytes = (name: string): string => readFileSync(join(run, name)).toString("base64");
  const checkpoints = readdirSync(join(run, "checkpoint")).filter((name) => name !== "progress.json");
  return {
    result,
    events,
    model: bytes("model.onnx"),
    embedding: bytes("embedding.npz"),
    checkpoints: Object.fromEntries(checkpoints.map((name) => [name, bytes(join("checkpoint", name))])),
  };
}

/** Runs until the run has written so many events, then sends a signal. */
export async function killAfter(
  args: readonly string[],
  run: string,
  events: number,
  signal: NodeJS.Signals,
): Promise<Ran> {
  let timer: NodeJS.Timeout | undefined;
  const metrics = join(run, "metrics.jsonl");
  const ran = await dann(args, {
    started(child) {
      timer = setInterval(() => {
        const lines = existsSync(metrics) ? readFileSync(metrics, "utf8").split("\n").length : 0;
        if (lines < events) return;
        // Once: a second Ctrl-C would end it without a checkpoint.
        clearInterval(timer);
        child.kill(signal);
      }, 2);
    },
  });
  clearInterval(timer);
  return ran;
}
