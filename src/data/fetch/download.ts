/**
 * One file over HTTP into a partial file on disk: redirects, time-outs, a limit of size, another attempt after what may
 * pass (with growing pauses), going on where an earlier attempt stopped. What arrived is checked by the caller.
 */
import { DannError, runError } from "../../errors.ts";
import { unwritable } from "../atomic.ts";
import { nodeModules } from "../files.ts";

export interface DownloadOptions {
  /** Seconds without a byte after which an attempt is given up. Default 30. */
  readonly timeout?: number | undefined;
  /** Further attempts after what may pass: server errors, broken connections, time-outs. Default 3. */
  readonly retries?: number | undefined;
  /** Seconds before the first further attempt; doubles each time. Default 1. */
  readonly pause?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DownloadRequest extends DownloadOptions {
  readonly address: string;
  /** The partial file; what is in it already is gone on from. Its folder exists. */
  readonly part: string;
  /** Bytes of the file, where they are known exactly. */
  readonly bytes?: number | undefined;
  /** Bytes at most. */
  readonly most: number;
  /** Bytes that are there, and bytes that there will be, where the server says. */
  readonly onBytes?: ((done: number, total: number | undefined) => void) | undefined;
}

/** What ended an attempt; `passing` may be gone the next time. */
interface Failure {
  readonly passing: boolean;
  readonly error: DannError;
  /** Seconds that the server asks to wait. */
  readonly wait?: number;
}

/** Downloads into `part`, flushed to disk. @returns whether bytes of an earlier call were gone on from. */
export async function download(request: DownloadRequest): Promise<boolean> {
  const { retries = 3, pause = 1, signal } = request;
  const before = await sizeOf(request.part);
  for (let attempt = 0; ; attempt++) {
    const failure = await attemptOnce(request);
    if (failure === undefined) return before > 0;
    if (signal?.aborted) throw interrupted();
    if (!failure.passing || attempt >= retries) throw failure.error;
    // A minute at most, whatever the server asks.
    const seconds = Math.min(60, Math.max(pause * 2 ** attempt, failure.wait ?? 0));
    await process
      .getBuiltinModule("node:timers/promises")
      .setTimeout(1000 * seconds, undefined, signal === undefined ? {} : { signal })
      .catch(() => {
        throw interrupted();
      });
  }
}

export const interrupted = (): DannError =>
  new DannError(
    "interrupted",
    "interrupted",
    "interrupted; files that are whole are kept",
    "The same command goes on from there.",
  );

const sizeOf = async (path: string): Promise<number> =>
  nodeModules()
    .fs.stat(path)
    .then(
      (info) => info.size,
      () => 0,
    );

/** One request; undefined when the whole file is there. */
async function attemptOnce(request: DownloadRequest): Promise<Failure | undefined> {
  const { address, part, signal, timeout = 30 } = request;
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), 1000 * timeout);
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), 1000 * timeout);
  };
  try {
    const start = await sizeOf(part);
    const response = await fetch(address, {
      // Compressed on the way, neither the length nor a range would be that of the file.
      headers: { "accept-encoding": "identity", ...(start > 0 && { range: `bytes=${start}-` }) },
      signal: signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]),
    });
    heard();
    const refused = refusal(response, request);
    if (refused !== undefined) {
      await response.body?.cancel();
      // A range that the file does not have: the partial file is of another.
      if (response.status === 416) await nodeModules().fs.rm(part, { force: true });
      return refused;
    }
    return await receive(response, request, response.status === 206 ? start : 0, heard);
  } catch (cause) {
    if (cause instanceof DannError) return { passing: false, error: cause };
    return silence.signal.aborted
      ? {
          passing: true,
          error: runError(
            "download-timeout",
            `${address}: expected bytes, got none for ${timeout} s`,
            "Try again later, or with a longer --timeout.",
          ),
        }
      : brokenConnection(address, cause);
  } finally {
    clearTimeout(timer);
  }
}

/** Why an answer is not taken; undefined for one with the file. */
function refusal(response: Response, { address }: DownloadRequest): Failure | undefined {
  const { status } = response;
  if (address.startsWith("https:") && !response.url.startsWith("https:")) {
    return {
      passing: false,
      error: runError("download-insecure", `${address}: expected https all the way, got sent to ${response.url}`),
    };
  }
  if (status === 200 || status === 206) return undefined;
  const wait = Number(response.headers.get("retry-after"));
  return {
    passing: status >= 500 || [408, 416, 425, 429].includes(status),
    error: runError(
      "download-status",
      `${address}: expected the file, got status ${status}${response.statusText === "" ? "" : ` ${response.statusText}`}`,
      status === 404 ? "The file has moved: take it from elsewhere with --mirror or --from." : "Try again later.",
    ),
    ...(Number.isFinite(wait) && { wait }),
  };
}

/** Writes the body behind the first `start` bytes of the partial file. */
async function receive(
  response: Response,
  { address, part, bytes, most, onBytes }: DownloadRequest,
  start: number,
  heard: () => void,
): Promise<Failure | undefined> {
  const encoded = (response.headers.get("content-encoding") ?? "identity") !== "identity";
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  const promised = encoded || Number.isNaN(length) ? undefined : start + length;
  const total = bytes ?? promised;
  const limit = bytes ?? most;
  if (promised !== undefined && (promised > limit || (bytes !== undefined && promised !== bytes))) {
    await response.body?.cancel();
    return wrongSize(address, bytes, most, promised);
  }
  const file = await nodeModules()
    .fs.open(part, start > 0 ? "r+" : "w")
    .catch((cause: unknown) => {
      throw unwritable(part, cause);
    });
  let done = start;
  try {
    for await (const block of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      heard();
      if (done + block.length > limit) return wrongSize(address, bytes, most, done + block.length);
      await file.write(block, 0, block.length, done).catch((cause: unknown) => {
        throw unwritable(part, cause);
      });
      done += block.length;
      onBytes?.(done, total);
    }
    await file.sync().catch((cause: NodeJS.ErrnoException) => {
      // A device has nothing to flush.
      if (cause.code !== "EINVAL") throw unwritable(part, cause);
    });
  } finally {
    await file.close();
  }
  if (total === undefined || done === total) return undefined;
  return {
    passing: true,
    error: runError("download-truncated", `${address}: expected ${total} bytes, got ${done}`, "Try again later."),
  };
}

function wrongSize(address: string, bytes: number | undefined, most: number, got: number): Failure {
  return {
    passing: false,
    error: runError(
      "download-size",
      `${address}: expected ${bytes === undefined ? "at most " : ""}${bytes ?? most} bytes, got ${got}`,
      "This is another file: take it from elsewhere with --mirror or --from.",
    ),
  };
}

/** What may be gone in a second; a name that is not found, or a certificate that is wrong, will not. */
const passingCodes = new Set([
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
]);

function brokenConnection(address: string, error: unknown): Failure {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const { code, message = String(cause) } = cause as { code?: string; message?: string };
  return {
    passing: code !== undefined && passingCodes.has(code),
    error: runError("download-failed", `${address}: expected an answer, got ${code ?? message}`, proxyAdvice(), {
      cause: error,
    }),
  };
}

/** Node takes no notice of proxies unless it is told to. */
function proxyAdvice(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const proxy = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"].find((name) => (env[name] ?? "") !== "");
  return proxy === undefined || env.NODE_USE_ENV_PROXY === "1"
    ? "Check the network, or take the files from elsewhere with --mirror or --from."
    : `${proxy} is set, which Node uses only with NODE_USE_ENV_PROXY=1 (from Node 22.21 and 24.5 on). Else take --mirror or --from.`;
}
