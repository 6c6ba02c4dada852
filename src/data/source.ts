/** Where bytes come from: a file, a `Blob` of the browser, or memory. Readers see nothing else. */
import { dataError } from "../errors.ts";
import { openFile } from "./files.ts";

export interface ByteSource {
  /** For messages and for telling the format: a path or a file name. */
  readonly name: string;
  /** How many bytes `stream` gives; of a compressed source what its last bytes promise, which may be wrong. */
  readonly size: number;
  /** The bytes from the start; may be asked for more than once. A block is only valid until the next is asked for. */
  stream(): AsyncIterable<Uint8Array>;
  /** Bytes [start, end), fewer at the end of the file. */
  slice(start: number, end: number): Promise<Uint8Array>;
}

/** What the readers take: a path (Node), a `File` or `Blob`, or a source made by the caller. */
export type Input = string | Blob | ByteSource;

export const openInput = async (input: Input): Promise<ByteSource> =>
  typeof input === "string" ? openFile(input) : isBlob(input) ? fromBlob(input) : input;

const isBlob = (input: Exclude<Input, string>): input is Blob => typeof Blob !== "undefined" && input instanceof Blob;

function fromBlob(blob: Blob): ByteSource {
  return {
    name: "name" in blob && typeof blob.name === "string" ? blob.name : "blob",
    size: blob.size,
    stream: () => iterate(blob.stream()),
    slice: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}

/** Bytes in memory under a name; text is encoded as UTF-8. */
export function fromMemory(name: string, content: Uint8Array | string): ByteSource {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    name,
    size: bytes.length,
    async *stream() {
      if (bytes.length > 0) yield bytes;
    },
    slice: async (start, end) => bytes.subarray(start, end),
  };
}

/** A web stream as an async iterable; not every browser has this built in. */
async function* iterate(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // The consumer may stop early (a preview): the source must not stay open.
    await reader.cancel().catch(() => undefined);
  }
}

/** The same source with gzip undone, if `gzip` says so. */
export async function decompressed(source: ByteSource, gzip: boolean): Promise<ByteSource> {
  if (!gzip) return source;
  // The last four bytes of gzip are the size (modulo 2^32); deflate shrinks to a 1032nd at best.
  const trailer = await source.slice(Math.max(0, source.size - 4), source.size);
  const promised = trailer.length < 4 ? 0 : new DataView(trailer.slice().buffer).getUint32(0, true);
  const unpacked: ByteSource = {
    name: source.name,
    size: Math.min(Math.max(promised, source.size), 1032 * source.size),
    stream: () => gunzip(source),
    slice: async (start, end) => (await readAll(unpacked)).subarray(start, end),
  };
  return unpacked;
}

async function* gunzip(source: ByteSource): AsyncGenerator<Uint8Array> {
  const transform = new DecompressionStream("gzip");
  const writer = transform.writable.getWriter();
  const pump = async (): Promise<void> => {
    for await (const block of source.stream()) await writer.write(block.slice());
    await writer.close();
  };
  // A failure of the pump surfaces at the readable end, or below when it is the source itself that failed.
  let failed: unknown;
  const pumping = pump().catch((cause: unknown) => {
    failed = cause;
    return writer.abort(cause).catch(() => undefined);
  });
  try {
    yield* iterate(transform.readable as ReadableStream<Uint8Array>);
  } catch (cause) {
    if (failed instanceof Error && failed.name === "DannError") throw failed;
    const reason =
      cause instanceof Error && /unexpected end|truncated/i.test(cause.message) ? "it ends early" : "it is damaged";
    throw dataError(
      "gzip",
      `${source.name}: expected a whole gzip file of ${source.size} bytes, but ${reason}`,
      "Fetch or copy the file again; if it is not compressed, take .gz off its name.",
      { cause },
    );
  } finally {
    void pumping;
  }
}

/** Everything in one array. */
export async function readAll(source: ByteSource): Promise<Uint8Array> {
  let bytes = new Uint8Array(source.size);
  let length = 0;
  for await (const block of source.stream()) {
    if (length + block.length > bytes.length) {
      // The size was a guess and too low.
      const larger = new Uint8Array(2 * (length + block.length));
      larger.set(bytes.subarray(0, length));
      bytes = larger;
    }
    bytes.set(block, length);
    length += block.length;
  }
  return bytes.subarray(0, length);
}
