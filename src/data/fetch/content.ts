/** The content of a file on disk, gzip undone where it is there, and its checksums. */
import { openFile } from "../files.ts";
import { decompressed } from "../source.ts";

export interface Digest {
  readonly bytes: number;
  readonly sha256: string;
  readonly md5: string;
}

/** Whether a file on disk opens as gzip does. */
export async function isGzip(path: string): Promise<boolean> {
  const start = await (await openFile(path)).slice(0, 2);
  return start[0] === 0x1f && start[1] === 0x8b;
}

/** The content of a file; `packed`: it is gzip, and what is in it is meant. */
export async function* contentOf(path: string, packed: boolean): AsyncGenerator<Uint8Array> {
  yield* (await decompressed(await openFile(path), packed)).stream();
}

export async function digestOf(blocks: AsyncIterable<Uint8Array>): Promise<Digest> {
  const { createHash } = process.getBuiltinModule("node:crypto");
  const [sha256, md5] = [createHash("sha256"), createHash("md5")];
  let bytes = 0;
  for await (const block of blocks) {
    sha256.update(block);
    md5.update(block);
    bytes += block.length;
  }
  return { bytes, sha256: sha256.digest("hex"), md5: md5.digest("hex") };
}
