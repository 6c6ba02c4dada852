/**
 * Everything that makes the rest of a run what it would have been: the state, the number of steps done, the sums of the
 * report in progress, and where the loss began. Batches, noise and schedules are pure functions of (seed, step) and need
 * no saving.
 */
import * as z from "zod";
import { dataError, usageError } from "../errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { MethodConfig } from "../methods/config.ts";
import { random } from "../random.ts";
import type { TrainJob } from "./job.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import type { State } from "./state.ts";

/** Sums of the parts of the loss over the steps since the last report. */
export interface Pending {
  readonly steps: number;
  readonly sums: Readonly<Record<string, number>>;
  /** Of the gradient's norm; only where it is clipped. */
  readonly gradientNorm?: { readonly sum: number; readonly largest: number } | undefined;
}

interface Position {
  /** Steps done. */
  readonly step: number;
  /** Saved so that the next report, too, is what it would have been. */
  readonly pending: Pending;
  /** Sizes of the parts of the loss when they were first seen, by which divergence is told; older files have none. */
  readonly began?: Readonly<Record<string, number>> | undefined;
  /** A hash of each part of the job that decides the numbers, by part. */
  readonly job: Readonly<Record<string, string>>;
}

export interface Checkpoint extends Position {
  readonly state: State;
}

const position: z.ZodType<Position & { readonly version: 1 }> = z.strictObject({
  version: z.literal(1),
  step: z.int().nonnegative(),
  pending: z.strictObject({
    steps: z.int().nonnegative(),
    sums: z.record(z.string(), z.number()),
    gradientNorm: z.strictObject({ sum: z.number(), largest: z.number() }).optional(),
  }),
  began: z.record(z.string(), z.number()).optional(),
  job: z.record(z.string(), z.string()),
});

const metadataKey = "dann.checkpoint";

/** Bytes of a safetensors file: the state as tensors, the rest as JSON in its metadata. */
export function encodeCheckpoint({ state, ...rest }: Checkpoint): Uint8Array {
  const tensors = new Map<string, Tensor>(
    [...state].map(([name, { dims, data }]) => [name, { dtype: "float32", dims, data }]),
  );
  return encodeSafetensors({ tensors, metadata: { [metadataKey]: JSON.stringify({ version: 1, ...rest }) } });
}

/** Reads a checkpoint; `origin` is its name in error messages. */
export function decodeCheckpoint(bytes: Uint8Array, origin: string): Checkpoint {
  const file = decodeSafetensors(bytes, origin);
  const parsed = position.safeParse(parseJson(file.metadata[metadataKey]));
  if (!parsed.success)
    throw dataError(
      "checkpoint",
      `${origin}: a safetensors file, but no checkpoint of this version of dann`,
      "Give the checkpoint of a run.",
    );
  const state = new Map<string, { dims: readonly number[]; data: Float32Array }>();
  for (const [name, tensor] of file.tensors) {
    if (tensor.dtype !== "float32")
      throw dataError("checkpoint", `${origin}: state ${name}: expected float32, got ${tensor.dtype}`);
    state.set(name, { dims: tensor.dims, data: tensor.data });
  }
  const { version: _, ...rest } = parsed.data;
  return { ...rest, state };
}

/** Hashes of what decides a run's numbers. How often it reports, and on how many threads, is left out. */
export function fingerprint(job: TrainJob): Record<string, string> {
  const { logEvery: _l, checkpointEvery: _c, device: _d, threads: _t, sourceSampling, ...rest } = job.config;
  // The default is left out: checkpoints of before it was there are of the same job.
  const config = sourceSampling === "shuffled" ? rest : { ...rest, sourceSampling };
  const network = "featureExtractor" in job.network ? { custom: job.network.name } : job.network;
  const parts = {
    network,
    method: methodPart(job.method),
    preprocessing: job.preprocess,
    "training settings": config,
    data: {
      source: job.source?.rows ?? 0,
      labels: hash(job.labels?.join() ?? ""),
      ...(job.sources && { sources: hash(job.sources.of.join()) }),
      target: job.target?.rows ?? 0,
      ...(job.labelledTarget && { labelledTarget: hash(job.labelledTarget.labels.join()) }),
      classes: job.classes,
      ...(job.task !== undefined && job.task !== "classification" && { task: job.task }),
    },
  };
  return Object.fromEntries(Object.entries(parts).map(([part, value]) => [part, hash(canonical(value))]));
}

/** Without what has no effect: checkpoints of before it was there are of the same job. */
function methodPart(method: MethodConfig): MethodConfig {
  if (method.classWeights !== "none") return method;
  const { classWeights: _w, classWeightsEvery: _e, classWeightsDecay: _d, ...rest } = method;
  return rest;
}

/** Refuses to resume another job, naming the part that differs. */
export function checkFingerprint(checkpoint: Checkpoint, job: TrainJob): void {
  const current = fingerprint(job);
  const different = Object.keys(current).filter((part) => checkpoint.job[part] !== current[part]);
  if (different.length > 0)
    throw usageError(
      "resume-mismatch",
      `the checkpoint belongs to a run that differs in: ${different.join(", ")}`,
      "Resume with the configuration and data that the run began with, or start a new run.",
    );
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** JSON with sorted keys: the order in which options were written does not matter. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );

/** 64 bits of text as hex. The generator's own seeding is the hash: good enough against mistakes, not against malice. */
function hash(text: string): string {
  const draw = random(text);
  return [draw.uint32(), draw.uint32()].map((word) => word.toString(16).padStart(8, "0")).join("");
}
