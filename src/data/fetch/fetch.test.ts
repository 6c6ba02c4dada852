/** Getting a data set, from a server on this machine: what arrives is whole and checked, or nothing is there. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  big,
  bigSet,
  fetching,
  home,
  known,
  setOf,
  sha256,
  small,
  there,
  whole,
  writeAt,
} from "../../../test/support/fetching.ts";
import { send } from "../../../test/support/loopback.ts";
import { type FetchProgress, fetchSet, mirrored } from "./fetch.ts";
import { type DataSet, inWork } from "./set.ts";

const { root, start, requests, fresh } = fetching();

describe("what arrives", () => {
  it("is kept in the layout: as it is, compressed where the home has it plain, and as the home compressed it", async () => {
    const packed = gzipSync(small, { level: 1 });
    const options = await start((request, response, path) =>
      send(request, response, path.endsWith("b.gz") ? packed : small),
    );
    const set = setOf([
      { path: "deep/a.csv", ...known(small), addresses: [home("a.csv")] },
      { path: "a.csv.gz", ...known(small), addresses: [home("a.csv")] },
      { path: "b.gz", ...known(small), transfer: 30, addresses: [home("b.gz")] },
    ]);
    const done = await fetchSet(set, options);
    expect(done.files.map(({ path, state, published }) => [path, state, published])).toEqual([
      ["deep/a.csv", "downloaded", true],
      ["a.csv.gz", "downloaded", true],
      ["b.gz", "downloaded", true],
    ]);
    const at = (path: string): Buffer => readFileSync(join(done.folder, path));
    expect(at("deep/a.csv").equals(small)).toBe(true);
    expect(gunzipSync(at("a.csv.gz")).equals(small)).toBe(true);
    expect(at("b.gz").equals(packed)).toBe(true);
    expect(requests().map(({ path }) => path)).toEqual(
      ["a.csv", "a.csv", "b.gz"].map((name) => `/home.example/${name}`),
    );
    expect(there(options.folder)).toEqual(["a.csv", "a.csv.gz", "b.gz"]);
  });

  it("is not asked for again, but a file that was damaged since is", async () => {
    const options = await start(whole);
    await fetchSet(bigSet, options);
    expect((await fetchSet(bigSet, options)).files).toMatchObject([{ state: "present", bytes: big.length }]);
    expect(requests()).toHaveLength(1);
    writeFileSync(join(options.folder, "tiny/big.bin"), big.subarray(1));
    expect((await fetchSet(bigSet, options)).files).toMatchObject([{ state: "downloaded" }]);
    expect(readFileSync(join(options.folder, "tiny/big.bin")).equals(big)).toBe(true);
  });

  it("does not replace a file that was not fetched", async () => {
    const options = await start(whole);
    writeAt(join(options.folder, "tiny/big.bin"), "mine");
    await expect(fetchSet(bigSet, options)).rejects.toMatchObject({ code: "not-ours" });
    expect(readFileSync(join(options.folder, "tiny/big.bin"), "utf8")).toBe("mine");
  });

  it("follows redirects, and gives up on a circle", async () => {
    const options = await start((request, response, path) => {
      if (path === "/moved") send(request, response, big);
      else response.writeHead(302, { location: "/moved" }).end();
    });
    expect((await fetchSet(bigSet, options)).files).toMatchObject([{ state: "downloaded" }]);
    const round = await start((_, response, path) => response.writeHead(302, { location: path }).end());
    await expect(fetchSet(bigSet, round)).rejects.toMatchObject({ code: "download-failed" });
    expect(there(round.folder)).toEqual([]);
  });

  it("tells how far it is", async () => {
    const options = await start(whole);
    const said: FetchProgress[] = [];
    await fetchSet(bigSet, { ...options, onProgress: (progress) => said.push(progress) });
    expect(said.length).toBeGreaterThan(1);
    expect(said.at(-1)).toEqual({ kind: "download", file: "big.bin", done: big.length, total: big.length });
  });
});

describe("without a published checksum", () => {
  const open = setOf([{ path: "a.csv.gz", transfer: 100, addresses: [home("a.csv")] }]);

  it("what came first is recorded, and checked afterwards", async () => {
    let content = small;
    const options = await start((request, response) => send(request, response, content));
    const first = await fetchSet(open, options);
    expect(first.files).toMatchObject([{ sha256: sha256(small), published: false }]);
    content = new TextEncoder().encode("a,b\n1,3\n");
    rmSync(join(options.folder, "tiny/a.csv.gz"));
    await expect(fetchSet(open, options)).rejects.toMatchObject({
      code: "checksum",
      message: expect.stringContaining(`expected SHA-256 ${sha256(small)} (8 bytes), as recorded when it came first`),
    });
    expect(there(options.folder)).toEqual([]);
    content = small;
    expect((await fetchSet(open, options)).files).toMatchObject([{ state: "downloaded" }]);
  });

  it("a partial file is not gone on from: nothing would tell two versions apart", async () => {
    const options = await start((request, response) => send(request, response, small));
    const part = join(options.folder, "tiny/.downloads/a.csv.gz.part");
    writeAt(part, "a,b");
    await fetchSet(open, options);
    expect(requests()).toMatchObject([{ range: undefined }]);
  });
});

describe("what is made of others", () => {
  const upper = (content: Uint8Array): Uint8Array =>
    new TextEncoder().encode(new TextDecoder().decode(content).toUpperCase());
  const set = (result = upper(small)): DataSet =>
    setOf(
      [{ path: inWork("raw/a.txt"), transfer: 10, addresses: [home("a.txt")] }],
      [
        {
          files: [{ path: "A.gz", ...known(result) }],
          from: [inWork("raw/a.txt")],
          make: async (read) => new Map([["A.gz", upper(await read(inWork("raw/a.txt")))]]),
        },
      ],
    );

  it("is checked, and what it was made of is not kept", async () => {
    const options = await start((request, response) => send(request, response, small));
    const done = await fetchSet(set(), options);
    expect(done.files).toMatchObject([{ path: "A.gz", state: "made", published: true }]);
    expect(gunzipSync(readFileSync(join(done.folder, "A.gz"))).toString()).toBe("A,B\n1,2\n");
    expect(there(options.folder)).toEqual(["A.gz"]);
    await fetchSet(set(), options);
    expect(requests()).toHaveLength(1);
  });

  it("is refused where it is not what it must be", async () => {
    const options = await start((request, response) => send(request, response, small));
    await expect(fetchSet(set(small), options)).rejects.toMatchObject({
      code: "checksum",
      message: expect.stringContaining("A.gz as made here: expected SHA-256"),
    });
    expect(existsSync(join(options.folder, "tiny/A.gz"))).toBe(false);
  });

  it("can be made of a file that was downloaded by hand", async () => {
    const options = await start(() => {});
    const from = join(root, "by-hand");
    writeAt(join(from, "raw/a.txt"), small);
    const done = await fetchSet(set(), { folder: options.folder, from });
    expect(done.files).toMatchObject([{ path: "A.gz", state: "made" }]);
    expect(requests()).toHaveLength(0);
  });
});

describe("from a local folder", () => {
  const set = setOf([
    { path: "deep/a.csv.gz", ...known(small), addresses: [home("a")] },
    { path: "big.bin", ...known(big), addresses: [home("b")] },
  ]);
  const local = (files: Readonly<Record<string, Uint8Array>>): string => {
    const folder = fresh();
    for (const [name, content] of Object.entries(files)) {
      writeAt(join(folder, name), content);
    }
    return folder;
  };
  const fetchFrom = (from: string): ReturnType<typeof fetchSet> =>
    fetchSet(set, { folder: fresh(), from, accept: () => Promise.reject(new Error("asked")) });

  it("files are checked and copied, with or without gzip, from the folder or the one above", async () => {
    const beside = await fetchFrom(local({ "deep/a.csv": small, "big.bin": big }));
    expect(beside.files.map(({ state }) => state)).toEqual(["copied", "copied"]);
    expect(gunzipSync(readFileSync(join(beside.folder, "deep/a.csv.gz"))).equals(small)).toBe(true);
    const above = await fetchFrom(local({ "tiny/deep/a.csv.gz": gzipSync(small), "tiny/big.bin": big }));
    expect(above.files.map(({ state }) => state)).toEqual(["copied", "copied"]);
  });

  it("another file is refused, a missing one named, a missing folder too", async () => {
    await expect(fetchFrom(local({ "deep/a.csv": big, "big.bin": big }))).rejects.toMatchObject({ code: "checksum" });
    await expect(fetchFrom(local({ "big.bin": big }))).rejects.toMatchObject({
      code: "file-not-found",
      message: expect.stringContaining("got none of 1 name: deep/a.csv.gz"),
    });
    await expect(fetchFrom(join(root, "nowhere"))).rejects.toMatchObject({ code: "file-not-found" });
    const broken = local({ "deep/a.csv.gz": gzipSync(small).subarray(0, 20), "big.bin": big });
    await expect(fetchFrom(broken)).rejects.toMatchObject({
      code: "checksum",
      message: expect.stringContaining("gzip"),
    });
  });
});

it("a mirror has a folder a host", () => {
  expect(mirrored("https://a.example/b/c.gz", "http://127.0.0.1:1/m/")).toBe("http://127.0.0.1:1/m/a.example/b/c.gz");
});
