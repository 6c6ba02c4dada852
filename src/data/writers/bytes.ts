/** Compressing what writers make. */

/** gzip of blocks, as they come; the header holds no time, so equal data give equal bytes. */
export async function* gzipped(blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const transform = new CompressionStream("gzip");
  const writer = transform.writable.getWriter();
  const pump = async (): Promise<void> => {
    // A copy, because the stream may read a block after `write` returned and the maker fill it again.
    for await (const block of blocks) await writer.write(block.slice());
    await writer.close();
  };
  let failed: unknown;
  const pumping = pump().catch((cause: unknown) => {
    failed = cause;
    return writer.abort(cause).catch(() => undefined);
  });
  const reader = (transform.readable as ReadableStream<Uint8Array>).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw failed ?? cause;
  } finally {
    await reader.cancel().catch(() => undefined);
    await pumping;
  }
}

/** Blocks in one array. */
export async function collect(blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const block of blocks) parts.push(block.slice());
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
