/**
 * NPZ: a zip of NPY files. Entries are unpacked as a stream, so that an array is never in memory as bytes and as numbers
 * at once; the file is gone through once for the names and once for each array wanted.
 */
import { Unzip, type UnzipFile, UnzipInflate } from "fflate";
import { dataError } from "../../errors.ts";
import type { ReadOptions } from "../config.ts";
import { list } from "../names.ts";
import type { ByteSource } from "../source.ts";

const arrayName = (path: string): string => path.replace(/\.npy$/, "");

/** Names of the arrays in the file. */
export async function npzNames(source: ByteSource): Promise<string[]> {
  const names: string[] = [];
  for await (const _ of unzipped(source, (file) => {
    names.push(arrayName(file.name));
    return false;
  }));
  if (names.length > 0) return names;
  throw damaged(source.name);
}

/** One array, as a source of NPY. */
export const npzEntry = (source: ByteSource, name: string): ByteSource => ({
  name: `${source.name}: ${name}`,
  size: source.size,
  stream: () => unzipped(source, (file) => arrayName(file.name) === name),
  slice: () => Promise.reject(damaged(source.name)),
});

/** The bytes of the entries that `wanted` accepts. */
async function* unzipped(source: ByteSource, wanted: (file: UnzipFile) => boolean): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  let failed: unknown;
  const archive = new Unzip((file) => {
    if (!wanted(file)) return;
    file.ondata = (error, data) => {
      if (error === null) ready.push(data);
      else failed ??= error;
    };
    file.start();
  });
  archive.register(UnzipInflate);
  const push = (block: Uint8Array, last: boolean): void => {
    try {
      archive.push(block, last);
    } catch (cause) {
      failed ??= cause;
    }
    if (failed !== undefined) throw damaged(source.name, failed);
  };
  // Blocks are only lent, and fflate may keep the end of one until the next: two copies take turns.
  const copies: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)];
  let turn: 0 | 1 = 0;
  for await (const block of source.stream()) {
    turn = turn === 0 ? 1 : 0;
    if (copies[turn].length < block.length) copies[turn] = new Uint8Array(block.length);
    copies[turn].set(block);
    push(copies[turn].subarray(0, block.length), false);
    yield* ready.splice(0);
  }
  push(new Uint8Array(0), true);
  yield* ready.splice(0);
}

const damaged = (name: string, cause?: unknown): Error =>
  dataError(
    "npz",
    `${name}: expected an NPZ (zip) file, got something else or a damaged one`,
    "Write it again with numpy.savez.",
    { cause },
  );

const featureNames: readonly string[] = ["x", "X", "features", "data", "images", "inputs", "arr_0"];

/** Which entry of an NPZ holds the features. */
export function featureEntry(all: readonly string[], options: ReadOptions, origin: string): string {
  if (options.features !== undefined) {
    if (all.includes(options.features)) return options.features;
    throw dataError(
      "npz-entry",
      `${origin}: expected an array "${options.features}", got ${list(all)}`,
      "Name one of them with `features`.",
    );
  }
  const others = all.filter((name) => name !== options.labels);
  const usual = featureNames.find((name) => others.includes(name));
  const found = usual ?? (others.length === 1 ? others[0] : undefined);
  if (found !== undefined) return found;
  throw dataError(
    "npz-entry",
    `${origin}: expected one array of features, got ${list(all) || "none"}`,
    "Name it with `features`.",
  );
}
