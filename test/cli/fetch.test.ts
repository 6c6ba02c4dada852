/** `dann data fetch` as a user runs it, its homes played by a server on this machine. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { buildCommand } from "../../src/cli/commands/data-build.ts";
import { fetchCommand } from "../../src/cli/commands/data-fetch.ts";
import { dataSets } from "../../src/data/fetch/registry.ts";
import { dann, temporaryFolder } from "../support/cli.ts";
import { type Handler, type Loopback, send, serve } from "../support/loopback.ts";

const root = temporaryFolder();
afterAll(() => rmSync(root, { recursive: true, force: true }));
let server: Loopback | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
const start = async (handler: Handler): Promise<Loopback> => {
  server = await serve(handler);
  return server;
};
let folders = 0;
const fresh = (): string => join(root, `f${folders++}`);
const fitted = (name: string, text: string): unknown => {
  const stored = readFileSync(join(import.meta.dirname, `../../schemas/${name}.schema.json`), "utf8");
  return z.fromJSONSchema(JSON.parse(stored) as z.core.JSONSchema.JSONSchema).parse(JSON.parse(text));
};

describe("what there is", () => {
  test("--list: every set, its licence, what is here, and that no address was tried", async () => {
    const to = fresh();
    mkdirSync(join(to, "adult"), { recursive: true });
    writeFileSync(join(to, "adult/adult.names"), "x");
    const ran = await dann(["data", "fetch", "--list", "--to", to]);
    expect(ran.code, ran.stderr).toBe(0);
    for (const { name, licence } of dataSets) {
      const line = ran.stdout.split("\n").find((text) => text.startsWith(`${name} `));
      expect(line).toContain(licence.name);
      expect(line).toContain("not tried");
      expect(line?.includes("(asks)")).toBe(licence.terms !== "open");
      expect(line).toMatch(name === "adult" ? /\s1\/3\s/ : /\s0\/\d+\s/);
    }
    const document = await dann(["data", "fetch", "mnist", "--list", "--to", to, "--json"]);
    expect(fitted("data-fetch-list", document.stdout)).toMatchObject({
      folder: to,
      sets: [{ name: "mnist", tried: null, present: 0, addresses: { length: 8 } }],
    });
  });

  test("the page on data sets has them all", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/data-sets.md"), "utf8");
    for (const { name } of dataSets) {
      expect(page).toMatch(new RegExp(`\\n\\| ${name} +\\|`));
      expect(page).toMatch(new RegExp(`\\n\\| \`${name}\` +\\|`));
    }
  });

  test("every address is https, every file has one name, and made files are made of what there is", () => {
    for (const { remote, made, byHand } of dataSets) {
      for (const { addresses } of remote) for (const address of addresses) expect(address).toMatch(/^https:\/\/[^ ]+$/);
      const paths = [...remote, ...made.flatMap(({ files }) => files), ...(byHand?.files ?? [])].map(
        ({ path }) => path,
      );
      expect(new Set(paths).size).toBe(paths.length);
      for (const from of made.flatMap((group) => group.from)) expect(paths).toContain(from);
    }
  });
});

/** The command in this process: what is wrong with its flags is found before anything else happens. */
const refused = (made: ReturnType<typeof fetchCommand>, args: readonly string[]): Promise<unknown> =>
  made.parseAsync([...args], { from: "user" });

describe("what is refused", () => {
  test.each<[string, readonly string[], string, string]>([
    ["no name", [], "usage", "expected the name of a data set"],
    ["another name", ["mnits"], "usage", 'got "mnits"'],
    ["two places", ["mnist", "--to", "a", "--cache", "b"], "usage", "expected one of --cache and --to"],
    ["two origins", ["mnist", "--from", "a", "--mirror", "http://a"], "usage", "expected one of --from and --mirror"],
    ["a mirror that is none", ["mnist", "--mirror", "ftp://x"], "usage", "--mirror: expected http://"],
    ["no time", ["mnist", "--timeout", "0"], "usage", "--timeout: expected seconds"],
    ["no number", ["mnist", "--retries", "x"], "usage", "--retries: expected a whole number"],
    ["no folder", ["mnist", "--from", "nowhere", "--quiet"], "data", "nowhere: expected a folder with mnist"],
  ])("%s", async (_, args, kind, message) => {
    const to = args.includes("--to") ? [] : ["--to", fresh()];
    await expect(refused(fetchCommand(), [...args, ...to])).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message),
    });
  });

  test.each<[string, readonly string[], string]>([
    ["neither", [], "expected one of --patches and --photos, got none"],
    ["both", ["--patches", "p", "--photos", "p"], "expected one of --patches and --photos, got both"],
    ["a decoder of patches", ["--patches", "p", "--decoder", "sharp"], "--decoder: expected --photos with it"],
    ["another decoder", ["--photos", "p", "--decoder", "gd"], "--decoder: expected auto, sharp or javascript"],
  ])("data build mnist-m: %s", async (_, args, message) => {
    await expect(
      refused(buildCommand(), ["mnist-m", "--mnist", root, "--out", fresh(), ...args]),
    ).rejects.toMatchObject({
      kind: "usage",
      message: expect.stringContaining(message),
    });
  });

  test("terms that are not open to all, without a word; nothing is asked of the home", async () => {
    const { url, requests } = await start((_, response) => response.writeHead(404).end());
    const args = ["data", "fetch", "bsds500", "--to", fresh(), "--mirror", url];
    const ran = await dann(args);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain("error[licence]: bsds500 is for research only");
    expect(ran.stderr.indexOf("licence: Berkeley")).toBeGreaterThanOrEqual(0);
    expect(requests).toHaveLength(0);
    const accepted = await dann([...args, "--accept-licence"]);
    expect([accepted.code, accepted.stderr]).toEqual([1, expect.stringContaining("got status 404 Not Found")]);
    expect(requests.map(({ path }) => path)).toEqual([
      "/raw.githubusercontent.com/BIDS/BSDS500/a04b7c6c3a9f0ace74bf205c72a43d32e1c72722/README.md",
    ]);
  });

  test("a wrong file: what was expected and what came, and nothing is kept", async () => {
    const { url } = await start((request, response) => send(request, response, new Uint8Array(215_028)));
    const to = fresh();
    const ran = await dann(["data", "fetch", "indoor-movement", "--to", to, "--mirror", url]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/error\[checksum\]: http.*: expected SHA-256 c657ee.* \(215028 bytes\), got SHA-256 /);
    expect(readdirSync(join(to, "indoor-movement/.downloads"))).toEqual([]);
    expect(readdirSync(join(to, "indoor-movement"))).toEqual([".downloads"]);
  });
});

describe("a process that is stopped", () => {
  const zip = 215_028;
  /** Sends half of what is asked for, then nothing. */
  const half: Handler = (_, response) => {
    response.writeHead(200, { "content-length": zip });
    response.write(new Uint8Array(zip / 2));
  };
  const stopped = async (signal: "SIGINT" | "SIGKILL", to: string): Promise<Awaited<ReturnType<typeof dann>>> => {
    const { url } = await start(half);
    const part = join(to, "indoor-movement/.downloads/IndoorMovement.zip.part");
    return dann(["data", "fetch", "indoor-movement", "--to", to, "--mirror", url], {
      started(child) {
        const timer = setInterval(() => {
          if (!existsSync(part) || readFileSync(part).length < zip / 2) return;
          clearInterval(timer);
          child.kill(signal);
        }, 20);
        child.on("close", () => clearInterval(timer));
      },
    });
  };

  test.each(["SIGINT", "SIGKILL"] as const)("by %s goes on from what it had", async (signal) => {
    const to = fresh();
    const first = await stopped(signal, to);
    expect(first.code).toBe(signal === "SIGINT" ? 130 : null);
    if (signal === "SIGINT") expect(first.stderr).toContain("error[interrupted]");
    await server?.close();
    const { url, requests } = await start((_, response) => response.writeHead(404).end());
    const again = await dann(["data", "fetch", "indoor-movement", "--to", to, "--mirror", url]);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("got status 404")]);
    expect(requests[0]?.range).toBe(`bytes=${zip / 2}-`);
    expect(existsSync(join(to, "indoor-movement/.fetching"))).toBe(false);
  });
});

const data = process.env.DANN_DATA ?? resolve(import.meta.dirname, "../../../shared/data");
const present = existsSync(join(data, "README.md"));

/** What the home of an address has, from the files of our layout. */
function homes(): Map<string, Uint8Array> {
  return new Map(
    dataSets.flatMap((set) =>
      set.remote.flatMap(({ path, addresses }) => {
        const local = join(data, set.name, path);
        if (!existsSync(local)) return [];
        const bytes = readFileSync(local);
        return addresses.map((address) => {
          const { host, pathname } = new URL(address);
          const packed = path.endsWith(".gz") && !pathname.endsWith(".gz");
          return [`/${host}${pathname}`, packed ? gunzipSync(bytes) : bytes] as const;
        });
      }),
    ),
  );
}

describe.skipIf(!present)(
  `real data sets (${present ? data : `skipped: no folder ${data}`})`,
  { timeout: 240_000 },
  () => {
    const contentOf = (path: string): Uint8Array => {
      const bytes = readFileSync(path);
      return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
    };

    test("come from their homes into the layout, to the bit", async () => {
      const files = homes();
      const { url } = await start((request, response, path) => {
        const content = files.get(path);
        if (content === undefined) response.writeHead(404).end();
        else send(request, response, content);
      });
      const names = ["mnist", "optdigits", "amazon-reviews", "gas-sensor-drift", "indoor-movement", "adult", "bsds500"];
      const to = fresh();
      const args = ["data", "fetch", ...names, "--to", to, "--mirror", url, "--accept-licence", "--json"];
      const ran = await dann(args);
      expect(ran.code, ran.stderr).toBe(0);
      const document = fitted("data-fetch", ran.stdout) as { sets: { name: string; files: { path: string }[] }[] };
      expect(document.sets.map(({ name }) => name)).toEqual(names);
      for (const set of document.sets) {
        for (const { path } of set.files) {
          // The crops are cut at places of their own.
          if (path.includes("patches")) continue;
          const got = contentOf(join(to, set.name, path));
          expect(Buffer.compare(got, contentOf(join(data, set.name, path))), path).toBe(0);
        }
      }
      expect(document.sets.map(({ files }) => files.length)).toEqual([4, 7, 8, 8, 3, 3, 305]);
      await server?.close();
      const again = await dann(args);
      expect(again.code, again.stderr).toBe(0);
      expect(again.stdout).not.toContain('"downloaded"');
    });

    test("come from a local folder, and what is missing from it is named", async () => {
      const to = fresh();
      const ran = await dann(["data", "fetch", "office-caltech10", "usps", "gtsrb", "--from", data, "--cache", to]);
      expect(ran.code, ran.stderr).toBe(0);
      expect(ran.stdout).toContain(`gtsrb: 3 files in ${join(to, "data", "gtsrb")} (3 copied)`);
      const bare = join(root, "bare/optdigits");
      mkdirSync(dirname(bare), { recursive: true });
      mkdirSync(bare);
      for (const name of ["tra", "hol"])
        writeFileSync(join(bare, `optdigits.${name}`), contentOf(join(data, `optdigits/optdigits.${name}.gz`)));
      const part = await dann(["data", "fetch", "optdigits", "--from", bare, "--cache", to]);
      expect(part.code).toBe(3);
      expect(part.stderr).toContain("got none of 3 names: optdigits.tes.gz, test-images-idx3-ubyte.gz");
      expect(existsSync(join(to, "data/optdigits/train-images-idx3-ubyte.gz"))).toBe(true);
    });

    test("MNIST-M is built from the photographs", async () => {
      const out = fresh();
      const mnist = fresh();
      mkdirSync(mnist);
      const idx = (dims: readonly number[], values: Uint8Array): Uint8Array =>
        Uint8Array.from([0, 0, 8, dims.length, ...dims.flatMap((size) => [0, 0, size >> 8, size & 255]), ...values]);
      for (const [name, rows] of [
        ["train", 300],
        ["t10k", 200],
      ] as const) {
        const images = contentOf(join(data, `mnist/${name}-images-idx3-ubyte.gz`)).subarray(16, 16 + 784 * rows);
        writeFileSync(join(mnist, `${name}-images-idx3-ubyte`), idx([rows, 28, 28], images));
        const labels = contentOf(join(data, `mnist/${name}-labels-idx1-ubyte.gz`)).subarray(8, 8 + rows);
        writeFileSync(join(mnist, `${name}-labels-idx1-ubyte`), idx([rows], labels));
      }
      const photos = fresh();
      for (const part of ["train", "val"]) {
        mkdirSync(join(photos, part), { recursive: true });
        for (const name of readdirSync(join(data, "bsds500", part))
          .sort()
          .slice(0, 3))
          writeFileSync(join(photos, part, name), readFileSync(join(data, "bsds500", part, name)));
      }
      const args = ["data", "build", "mnist-m", "--mnist", mnist, "--photos", photos, "--out"];
      const ran = await dann([...args, out, "--json", "--decoder", "javascript"]);
      expect(ran.code, ran.stderr).toBe(0);
      expect(fitted("data-build", ran.stdout)).toMatchObject({ decoder: "javascript", seed: 0, files: { length: 4 } });
      const other = fresh();
      const native = await dann([...args, other, "--json"]);
      expect(native.code, native.stderr).toBe(0);
      for (const [part, rows] of [
        ["train", 300],
        ["test", 200],
      ] as const) {
        const [a, b] = [out, other].map((folder) => contentOf(join(folder, `${part}-images-idx4-ubyte.gz`)));
        if (a === undefined || b === undefined) throw new Error("no images");
        expect(a.length).toBe(20 + rows * 2352);
        // The same places, whatever decodes.
        expect(a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length).toBeLessThan(2);
      }
    });
  },
);
