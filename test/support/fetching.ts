/** A data set of a file or two for tests of fetching, its home played by a server on this machine. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach } from "vitest";
import type { FetchOptions } from "../../src/data/fetch/fetch.ts";
import type { DataSet, RemoteFile } from "../../src/data/fetch/set.ts";
import { random } from "../../src/random.ts";
import { type Handler, type Loopback, send, serve } from "./loopback.ts";

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const noise = random("fetch");
/** 300 kB that do not shrink, so that they come in several blocks. */
export const big = Uint8Array.from({ length: 300_000 }, () => noise.integer(256));
export const small = new TextEncoder().encode("a,b\n1,2\n");

export const known = (content: Uint8Array): Pick<RemoteFile, "bytes" | "sha256"> => ({
  bytes: content.length,
  sha256: sha256(content),
});
export const home = (path: string): string => `https://home.example/${path}`;
export const setOf = (remote: readonly RemoteFile[], made: DataSet["made"] = []): DataSet => ({
  name: "tiny",
  what: "a test",
  licence: { name: "none", terms: "open", text: "none" },
  home: "https://home.example",
  remote,
  made,
});
export const bigSet = setOf([{ path: "big.bin", ...known(big), addresses: [home("big.bin")] }]);
export const whole: Handler = (request, response) => send(request, response, big);

/** All files of the set's folder, but for the record. */
export const there = (folder: string): string[] =>
  readdirSync(join(folder, "tiny"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== ".fetched.json")
    .map((entry) => entry.name)
    .sort();

export function writeAt(path: string, content: Uint8Array | string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** The fixtures of one test file: a folder, and one server a test at most. */
export function fetching(): {
  readonly root: string;
  readonly start: (handler: Handler) => Promise<FetchOptions & { readonly folder: string }>;
  readonly stop: () => Promise<void>;
  readonly requests: () => Loopback["requests"];
  /** A folder that nothing is in. */
  readonly fresh: () => string;
} {
  const root = mkdtempSync(join(tmpdir(), "dann-fetch-"));
  let server: Loopback | undefined;
  let folders = 0;
  const fresh = (): string => join(root, `f${folders++}`);
  const stop = async (): Promise<void> => {
    await server?.close();
    server = undefined;
  };
  afterEach(stop);
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return {
    root,
    stop,
    fresh,
    requests: () => server?.requests ?? [],
    async start(handler) {
      await stop();
      server = await serve(handler);
      return { folder: fresh(), mirror: server.url, pause: 0.01, timeout: 5 };
    },
  };
}
