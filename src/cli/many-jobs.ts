/** What the commands that run many jobs share: how many at a time, and on what. */
import { availableParallelism, cpus } from "node:os";
import type { BenchmarkTable } from "../benchmark/table.ts";
import { usageError } from "../errors.ts";
import type { Output } from "./output.ts";

export interface Parallelism {
  /** Processes at a time. */
  readonly workers: number;
  /** Of each. */
  readonly threads: number;
}

/** As many processes as the cores carry; more only where both numbers were asked for. */
export function parallelism(jobs: string | undefined, threads: number, output: Pick<Output, "note">): Parallelism {
  const cores = availableParallelism();
  const workers = jobs === undefined ? Math.max(1, Math.floor(cores / threads)) : wholeNumber(jobs, "--jobs", 1);
  if (workers * threads > cores)
    output.note(`warning: ${workers} processes with ${threads} threads each share ${cores} cores: times will be long`);
  return { workers, threads };
}

export function wholeNumber(text: string, flag: string, least: number): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < least)
    throw usageError("flag-value", `${flag}: expected a whole number of at least ${least}, got "${text}"`);
  return value;
}

/** When and on what: printed under a table. */
export function made(engine: string, { workers, threads }: Parallelism): BenchmarkTable["made"] {
  const [cpu] = cpus();
  const cores = availableParallelism();
  const many = `${workers} ${workers === 1 ? "process" : "processes"} of ${threads} ${threads === 1 ? "thread" : "threads"}`;
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpu?.model.trim() ?? process.arch}, ${cores} ${cores === 1 ? "core" : "cores"}, ${many}`,
    engine: `${engine}, Node ${process.versions.node}`,
  };
}
