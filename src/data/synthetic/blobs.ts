/** Gaussian blobs, a class each; the target's are moved, stretched or turned: shifts of a known size. */
import { type Random, random } from "../../random.ts";
import type { Dataset } from "../dataset.ts";
import { sharedFloat32 } from "../shared-memory.ts";
import type { DomainPair } from "./moons.ts";

export interface BlobsOptions {
  /** Rows of each domain. Default 300. */
  readonly rows?: number;
  /** Default 3. */
  readonly classes?: number;
  /** Features. Default 2. */
  readonly width?: number;
  /** Distance of the blobs' middles from the origin. Default 4. */
  readonly spread?: number;
  /** Standard deviation within a blob. Default 1. */
  readonly noise?: number;
  /** Length of the target's move, in a direction drawn from the seed. Default 2. */
  readonly shift?: number;
  /** Factor on the target. Default 1. */
  readonly scale?: number;
  /** Degrees by which the target is turned in its first two features. Default 0. */
  readonly rotation?: number;
  /** Default 0. */
  readonly seed?: string | number;
}

export function blobs(options: BlobsOptions = {}): DomainPair {
  const {
    rows = 300,
    classes = 3,
    width = 2,
    spread = 4,
    noise = 1,
    shift = 2,
    scale = 1,
    rotation = 0,
    seed = 0,
  } = options;
  const generator = random(seed).split("blobs");
  const middles = Array.from({ length: classes }, (_, label) =>
    direction(width, spread, generator.split(`class ${label}`)),
  );
  const move = direction(width, shift, generator.split("shift"));
  const angle = (rotation * Math.PI) / 180;
  const draw = (domain: "source" | "target"): Dataset => {
    const chance = generator.split(domain);
    const values = sharedFloat32(rows * width);
    const numbers = chance.split("order").shuffle(Int32Array.from({ length: rows }, (_, row) => row % classes));
    const labels = Array.from(numbers, String);
    numbers.forEach((label, row) => {
      const point = (middles[label] ?? []).map((middle) => middle + noise * chance.normal());
      values.set(domain === "source" ? point : moved(point, move, scale, angle), row * width);
    });
    return {
      origin: `blobs(${domain}, rows ${rows}, classes ${classes}, width ${width}, shift ${shift}, seed ${seed})`,
      rows: { kind: "dense", rows, width, values },
      labels,
    };
  };
  return { source: draw("source"), target: draw("target") };
}

/** A uniformly random direction of the given length. */
function direction(width: number, length: number, chance: Random): number[] {
  const point = Array.from({ length: width }, () => chance.normal());
  const norm = Math.hypot(...point);
  return point.map((x) => (x / norm) * length);
}

function moved(point: readonly number[], move: readonly number[], scale: number, angle: number): number[] {
  const [x = 0, y = 0, ...rest] = point;
  const turned =
    point.length < 2
      ? [x]
      : [Math.cos(angle) * x - Math.sin(angle) * y, Math.sin(angle) * x + Math.cos(angle) * y, ...rest];
  return turned.map((value, i) => scale * value + (move[i] ?? 0));
}
