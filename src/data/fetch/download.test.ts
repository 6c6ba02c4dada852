/** What goes wrong with downloads, played by a server on this machine. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { big, bigSet, fetching, home, setOf, sha256, there, whole, writeAt } from "../../../test/support/fetching.ts";
import { send } from "../../../test/support/loopback.ts";
import { fetchSet } from "./fetch.ts";
import type { DataSet } from "./set.ts";

const { root, start, stop, requests } = fetching();

describe("what goes wrong", () => {
  it("404 is said at once, and another home is asked", async () => {
    const options = await start((request, response, path) =>
      path === "/home.example/big.bin" ? response.writeHead(404).end() : send(request, response, big),
    );
    await expect(fetchSet(bigSet, options)).rejects.toMatchObject({
      code: "download-status",
      message: expect.stringContaining("got status 404"),
    });
    expect(requests()).toHaveLength(1);
    const [file] = bigSet.remote;
    if (file === undefined) throw new Error("no file");
    const two = setOf([{ ...file, addresses: [...file.addresses, "https://other.example/b"] }]);
    expect((await fetchSet(two, options)).files).toMatchObject([{ state: "downloaded" }]);
    expect(requests().at(-1)?.path).toBe("/other.example/b");
  });

  it("500 and a broken connection pass, and too many are told", async () => {
    const options = await start((request, response) => {
      if (requests().length === 1) response.writeHead(500).end();
      else if (requests().length === 2) request.socket.destroy();
      else send(request, response, big);
    });
    expect((await fetchSet(bigSet, options)).files).toMatchObject([{ state: "downloaded" }]);
    expect(requests()).toHaveLength(3);
    const down = await start((_, response) => response.writeHead(503, "Busy").end());
    await expect(fetchSet(bigSet, { ...down, retries: 2 })).rejects.toMatchObject({
      message: expect.stringContaining("got status 503 Busy"),
    });
    expect(requests()).toHaveLength(3);
  });

  it("waits as long as the server asks", async () => {
    const times: number[] = [];
    const options = await start((request, response) => {
      times.push(performance.now());
      if (times.length > 1) send(request, response, big);
      else response.writeHead(429, { "retry-after": "1" }).end();
    });
    await fetchSet(bigSet, options);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950);
  });

  it("a file that ends early is gone on from", async () => {
    const options = await start((request, response) => {
      if (requests().length > 1) return send(request, response, big);
      response.writeHead(200, { "content-length": big.length });
      response.write(big.subarray(0, 100_000), () => request.socket.destroy());
    });
    await fetchSet(bigSet, options);
    expect(requests().map(({ range }) => range)).toEqual([undefined, expect.stringMatching(/^bytes=\d{5,6}-$/)]);
    expect(readFileSync(join(options.folder, "tiny/big.bin")).equals(big)).toBe(true);
  });

  it("a file that stays short is refused", async () => {
    const options = await start((request, response) => {
      response.writeHead(200, { "content-length": big.length });
      response.write(big.subarray(0, 1000), () => request.socket.end());
    });
    await expect(fetchSet(bigSet, { ...options, retries: 1 })).rejects.toMatchObject({
      kind: "run",
      code: expect.stringMatching(/^download-(failed|truncated)$/),
    });
    expect(existsSync(join(options.folder, "tiny/big.bin"))).toBe(false);
  });

  it("a wrong checksum names both and keeps nothing", async () => {
    const other = big.map((value) => value ^ 1);
    const options = await start((request, response) => send(request, response, other));
    await expect(fetchSet(bigSet, options)).rejects.toMatchObject({
      code: "checksum",
      message: `${options.mirror}/home.example/big.bin: expected SHA-256 ${sha256(big)} (300000 bytes), got SHA-256 ${sha256(other)} (300000 bytes)`,
    });
    expect(there(options.folder)).toEqual([]);
  });

  it("so does the MD5 that some homes have", async () => {
    const md5 = createHash("md5").update(big).digest("hex");
    const options = await start(whole);
    const set = (sum: string): DataSet =>
      setOf([{ path: "m.bin", md5: sum, bytes: big.length, addresses: [home("m")] }]);
    await expect(fetchSet(set("0".repeat(32)), options)).rejects.toMatchObject({ code: "checksum" });
    expect((await fetchSet(set(md5), options)).files).toMatchObject([{ state: "downloaded", published: false }]);
  });

  it("another length is refused before it is read, and a stream without one at its limit", async () => {
    const options = await start((_, response, path) => {
      if (path.endsWith("big.bin")) response.writeHead(200, { "content-length": 10 }).end("0123456789");
      else {
        // No length, and no end.
        const timer = setInterval(() => response.write(big), 1);
        response.on("close", () => clearInterval(timer));
      }
    });
    await expect(fetchSet(bigSet, options)).rejects.toMatchObject({
      code: "download-size",
      message: expect.stringContaining("expected 300000 bytes, got 10"),
    });
    const open = setOf([{ path: "open.bin", transfer: 1000, addresses: [home("open")] }]);
    await expect(fetchSet(open, options)).rejects.toMatchObject({
      code: "download-size",
      message: expect.stringContaining("expected at most 1002000 bytes, got 1"),
    });
    expect(there(options.folder).filter((name) => !name.endsWith(".part"))).toEqual([]);
  });

  it("a server that falls silent is given up", async () => {
    const options = await start((_, response) => {
      response.writeHead(200, { "content-length": big.length });
      response.write(big.subarray(0, 10));
    });
    await expect(fetchSet(bigSet, { ...options, timeout: 0.2, retries: 1 })).rejects.toMatchObject({
      code: "download-timeout",
      message: expect.stringContaining("got none for 0.2 s"),
    });
    expect(requests()).toHaveLength(2);
  });

  it("a server that is not there", async () => {
    const options = await start(whole);
    await stop();
    await expect(fetchSet(bigSet, options)).rejects.toMatchObject({
      code: "download-failed",
      message: expect.stringContaining("ECONNREFUSED"),
      remedy: expect.stringContaining("--from"),
    });
  });

  it("an interrupt keeps what came, and the next call goes on from it", async () => {
    const stop = new AbortController();
    const options = await start((request, response) => {
      if (requests().length > 1) return send(request, response, big);
      response.writeHead(200, { "content-length": big.length });
      response.write(big.subarray(0, 50_000), () => setTimeout(() => stop.abort(), 200));
    });
    await expect(fetchSet(bigSet, { ...options, signal: stop.signal })).rejects.toMatchObject({ kind: "interrupted" });
    expect(there(options.folder)).toEqual(["big.bin.part"]);
    await fetchSet(bigSet, options);
    expect(requests().at(-1)?.range).toBe("bytes=50000-");
    expect(there(options.folder)).toEqual(["big.bin"]);
  });

  it("a partial file of something else is begun again", async () => {
    const options = await start(whole);
    const part = join(options.folder, "tiny/.downloads/big.bin.part");
    writeAt(part, "something else");
    await fetchSet(bigSet, options);
    expect(requests().map(({ range }) => range)).toEqual(["bytes=14-", undefined]);
    await rmSync(join(options.folder, "tiny"), { recursive: true });
    writeAt(part, new Uint8Array(big.length + 5));
    await fetchSet(bigSet, options);
    expect(readFileSync(join(options.folder, "tiny/big.bin")).equals(big)).toBe(true);
  });

  it("a folder that cannot be written, and a full disk", async () => {
    const options = await start(whole);
    writeFileSync(join(root, "file"), "x");
    await expect(fetchSet(bigSet, { ...options, folder: join(root, "file") })).rejects.toMatchObject({
      code: "file-write",
    });
    if (!existsSync("/dev/full")) return;
    const part = join(options.folder, "tiny/.downloads/big.bin.part");
    mkdirSync(dirname(part), { recursive: true });
    symlinkSync("/dev/full", part);
    await expect(fetchSet(bigSet, options)).rejects.toMatchObject({ code: "disk-full" });
    expect(requests()).toHaveLength(1);
  });

  it("two at once: the second is told", async () => {
    const options = await start(() => {});
    const stop = new AbortController();
    const first = fetchSet(bigSet, { ...options, signal: stop.signal });
    const ended = expect(first).rejects.toMatchObject({ kind: "interrupted" });
    while (requests().length === 0) await new Promise((done) => setTimeout(done, 5));
    await expect(fetchSet(bigSet, options)).rejects.toMatchObject({ code: "fetch-busy" });
    stop.abort();
    await ended;
    // A claim of a process that has died counts for nothing.
    writeFileSync(join(options.folder, "tiny/.fetching"), "999999999");
    await expect(fetchSet(bigSet, { ...options, timeout: 0.1, retries: 0 })).rejects.toMatchObject({
      code: "download-timeout",
    });
  });

  it("a damaged record", async () => {
    const options = await start(whole);
    writeAt(join(options.folder, "tiny/.fetched.json"), "{");
    await expect(fetchSet(bigSet, options)).rejects.toMatchObject({ code: "fetch-record" });
  });
});
