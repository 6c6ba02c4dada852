/**
 * Every row of the table is a process of its own (threads and allocators are fixed when a process starts, and its peak
 * memory is its own). Requests and answers are JSON, one a line; `torch_steps.py` speaks the same.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface TimingRequest {
  readonly workload: string;
  readonly steps: number;
  readonly warmup: number;
}

export interface Timing {
  /** Mean milliseconds a step of the block. */
  readonly ms: number;
  /** Mean milliseconds of processor time a step, over all threads: what a busy machine disturbs least. */
  readonly cpuMs: number;
  /** Loss of the last step. */
  readonly loss: number;
  /** Peak memory of the process so far, in MB. */
  readonly peakMB: number;
}

export interface Runner {
  readonly name: string;
  time(request: TimingRequest): Promise<Timing>;
  close(): void;
}

export interface RunnerCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Starts a row's process; what it writes to stderr becomes the reason when it fails. */
export function startRunner({ name, command, args, env }: RunnerCommand): Runner {
  const child: ChildProcessWithoutNullStreams = spawn(command, [...args], { env: { ...process.env, ...env } });
  const waiting: { resolve: (timing: Timing) => void; reject: (cause: Error) => void }[] = [];
  let complaint = "";
  let ended: Error | undefined;
  const fail = (reason: string): void => {
    ended ??= new Error(`${name}: ${reason}`);
    for (const { reject } of waiting.splice(0)) reject(ended);
  };
  child.stderr.on("data", (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(-2000);
  });
  child.on("error", (cause) => fail(cause.message));
  child.on("exit", (code) => fail(`ended with code ${code}: ${complaint.trim().split("\n").at(-1) ?? ""}`));
  child.stdin.on("error", () => undefined);
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.resolve(JSON.parse(line) as Timing));
  return {
    name,
    time: (request) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify(request)}\n`);
      }),
    close: () => child.stdin.end(),
  };
}
