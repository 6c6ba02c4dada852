/**
 * Files that are made to do harm: each is refused, or read as what it says it is, and none takes memory or time beyond
 * what its declared size allows. Each runs in a process of its own, whose memory is measured.
 */
import { spawn } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { place } from "../../../test/support/image-arrays.ts";
import { jpg, png, pngChunk, pngData, pngHead, pngOf, smooth, writeFiles } from "../../../test/support/images.ts";
import type { ImageDecoder } from "../config.ts";
import type { ImageRows } from "../dataset.ts";
import { imageHeader } from "./header.ts";
import { readImages } from "./read.ts";

/** 400 MB of zeros in 400 kB. */
const bomb = deflateSync(Buffer.alloc(4e8));
const lines = pngData(new Uint8Array(8 * 25));
const named = Buffer.from("name\0\0");
const photo = jpg(32, 32);
const markerAt = (marker: number): number => photo.findIndex((byte, at) => byte === 0xff && photo[at + 1] === marker);
/** The frame header of the photo, for an image of another size. */
const frame = (height: number, width: number): Uint8Array => {
  const at = markerAt(0xc0);
  const segment = Buffer.from(photo.subarray(at, at + 19));
  segment.writeUInt16BE(height, 5);
  segment.writeUInt16BE(width, 7);
  return segment;
};
const jpegOf = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

/** What it is, the file, and what is said; undefined: it is read as 8x8. With sharp another answer is as good. */
const cases: readonly (readonly [string, string, Uint8Array, RegExp | undefined])[] = [
  ["a PNG that declares 50,000 x 50,000", "x.png", pngOf(pngHead(50_000, 50_000), lines), /it has 50000x50000 pixels/],
  ["a PNG of 8,000 x 8,000 with the pixels of 8 x 8", "x.png", pngOf(pngHead(8000, 8000), lines), /early|libpng/],
  ["a second header", "x.png", pngOf(pngHead(8, 8), pngHead(30_000, 30_000), lines), /its header is damaged/],
  ["a bomb as pixels", "x.png", pngOf(pngHead(8, 8), pngChunk("IDAT", bomb)), /it holds more than its size/],
  [
    "a bomb as a profile",
    "x.png",
    pngOf(pngHead(8, 8), pngChunk("iCCP", Buffer.concat([named, bomb])), lines),
    undefined,
  ],
  ["a bomb as text", "x.png", pngOf(pngHead(8, 8), pngChunk("zTXt", Buffer.concat([named, bomb])), lines), undefined],
  [
    "a JPEG of 60,000 x 60,000",
    "x.jpg",
    jpegOf(photo.subarray(0, markerAt(0xc0)), frame(60_000, 60_000), photo.subarray(markerAt(0xc0) + 19)),
    /it has 60000x60000 pixels/,
  ],
  [
    "two frames in front of the scan",
    "x.jpg",
    jpegOf(photo.subarray(0, markerAt(0xc0)), frame(60_000, 60_000), photo.subarray(markerAt(0xc0))),
    /its header is damaged/,
  ],
  [
    "two frames, one behind the scan",
    "x.jpg",
    jpegOf(photo.subarray(0, -2), frame(60_000, 60_000), photo.subarray(markerAt(0xda))),
    /its header is damaged/,
  ],
  ["a JPEG of no bytes", "x.jpg", new Uint8Array(0), /it is empty/],
  ["a text", "x.jpg", Buffer.from("name,age\nAnna,7\n"), /it is no JPEG, PNG or WebP/],
  ["a zip", "x.png", Buffer.from("PK\u0003\u0004 and so on"), /it is no JPEG, PNG or WebP/],
  ["a program in SVG", "x.png", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"), /it is no JPEG, PNG or WebP/],
  ["a GIF", "x.jpeg", Buffer.from("GIF89a\u0001\u0000\u0001\u0000"), /it is no JPEG, PNG or WebP/],
  [
    "a chunk longer than the file",
    "x.png",
    pngOf(pngHead(8, 8), Buffer.from([0x7f, 0xff, 0xff, 0xff, 73, 68, 65, 84])),
    /it ends early/,
  ],
  [
    "a palette image without a palette",
    "x.png",
    pngOf(pngHead(8, 8, 8, 3), pngData(new Uint8Array(72))),
    /palette|libpng|header/,
  ],
];

/** Reads a folder in another process: what was said, and the memory that it took. */
function readElsewhere(folder: string, decoder: ImageDecoder): Promise<{ said: string; megabytes: number }> {
  const script = `
    const { readImages } = await import(${JSON.stringify(join(import.meta.dirname, "read.ts"))});
    const said = await readImages(${JSON.stringify(folder)}, { cache: false, imageSize: "8x8", decoder: ${JSON.stringify(decoder)} }).then(
      ({ rows }) => \`\${rows.height}x\${rows.width}\`,
      (error) => \`\${error.name} \${error.code} \${error.message}\`,
    );
    console.log(JSON.stringify({ said, megabytes: process.resourceUsage().maxRSS / 1024 }));
  `;
  const loader = join(import.meta.dirname, "../../../node_modules/tsx/dist/loader.mjs");
  const child = spawn(process.execPath, [
    "--conditions=dann-source",
    "--import",
    loader,
    "--input-type=module",
    "-e",
    script,
  ]);
  let [out, err] = ["", ""];
  child.stdout.on("data", (block) => {
    out += block;
  });
  child.stderr.on("data", (block) => {
    err += block;
  });
  return new Promise((done, fail) => {
    child.on("close", (code) => (code === 0 ? done(JSON.parse(out)) : fail(new Error(`ended with ${code}\n${err}`))));
  });
}

describe.each(["sharp", "javascript"] as const)("one by one, decoded by %s", (decoder) => {
  it.each(cases)("%s", async (_, name, bytes, said) => {
    const folder = place({ [name]: bytes });
    const started = performance.now();
    const answer = await readImages(folder, { cache: false, decoder }).catch((error: Error) => error);
    if (answer instanceof Error) {
      expect(answer).toMatchObject({ name: "DannError", code: "bad-images", kind: "data" });
      expect(answer.message).toContain("1 file cannot be read");
      expect(answer.message).toMatch(said ?? /no error was expected/);
    } else {
      expect(answer.rows).toMatchObject({ height: 8, width: 8, rows: 1 });
      if (decoder === "javascript") expect(said).toBeUndefined();
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it("all together in little memory", async () => {
    const folder = place(Object.fromEntries(cases.map(([, name, bytes], at) => [`${at}-${name}`, bytes])));
    const nothing = await readElsewhere(place({ "x.png": png(8, 8, 3) }), decoder);
    expect(nothing.said).toBe("8x8");
    const { said, megabytes } = await readElsewhere(folder, decoder);
    expect(said).toMatch(/^DannError bad-images .* 1\d files cannot be read: /);
    // The files are 1.2 MB; one bomb alone would be 400.
    expect(megabytes - nothing.megabytes).toBeLessThan(100);
  }, 120_000);
});

describe("files and folders", () => {
  it("a file of gigabytes is not read", async () => {
    const folder = place({ "x.jpg": photo });
    truncateSync(join(folder, "x.jpg"), 2 ** 31 + 5);
    await expect(readImages(folder, { cache: false })).rejects.toThrow(
      "x.jpg (it has 2147483653 bytes, more than 268435456)",
    );
  });

  it.each(["a", "b/c"])("links in circles and to themselves end (%s)", async (at) => {
    const folder = place({ [`${at}/1.png`]: png(2, 2, 1) });
    symlinkSync(folder, join(folder, at, "all"));
    symlinkSync("self.png", join(folder, at, "self.png"));
    mkdirSync(join(folder, "z.png"));
    symlinkSync(join("..", at), join(folder, "z.png", "again"));
    const { ids, notes } = await readImages(folder, { cache: false, labels: "none" });
    expect(ids).toEqual([`${at}/1.png`]);
    expect(notes?.join("\n")).toMatch(/2 links passed over that lead to folders already read/);
    expect(notes?.join("\n")).toMatch(/1 link passed over that lead nowhere/);
  });

  it("names of odd characters are kept as they are", async () => {
    const names = [
      "-rf",
      "a b",
      "a,b",
      'quote"',
      "new\nline",
      "emoji 😀",
      "ünïcode",
      "$(rm)",
      "*",
      "%2e%2e",
      "tab\t",
      "é".repeat(80),
    ];
    const folder = place(
      Object.fromEntries(names.map((name, at) => [`${name}/${name}.png`, png(2, 2, 1, smooth(2, 2, 1, at))])),
    );
    const { ids, labels, rows } = await readImages(folder, { cache: false });
    expect([...(ids ?? [])].sort()).toEqual(names.map((name) => `${name}/${name}.png`).sort());
    expect(labels).toEqual(ids?.map((id) => id.slice(0, id.indexOf("/"))));
    const at = ids?.indexOf("-rf/-rf.png") ?? -1;
    expect([...(rows as ImageRows).pixels.subarray(4 * at, 4 * at + 4)]).toEqual([...smooth(2, 2, 1, 0)]);
  });

  it.skipIf(process.platform !== "linux")("names that are no UTF-8 are passed over and counted", async () => {
    const folder = place({ "a/1.png": png(2, 2, 1) });
    const { writeFileSync } = process.getBuiltinModule("node:fs");
    writeFileSync(
      Buffer.concat([Buffer.from(`${folder}/a/`), Buffer.from([0xff, 0xfe]), Buffer.from(".png")]),
      png(2, 2, 1),
    );
    const { ids, notes } = await readImages(folder, { cache: false });
    expect(ids).toEqual(["a/1.png"]);
    expect(notes).toEqual([expect.stringContaining("1 name passed over that is no UTF-8")]);
  });

  it("a folder without classes is no source", async () => {
    const folder = writeFiles(place(), { "1.png": png(2, 2, 1), "2.png": png(2, 2, 1) });
    await expect(readImages(folder, { cache: false, labels: "folder" })).rejects.toMatchObject({
      code: "no-classes",
      kind: "data",
    });
  });
});

it("a good file cut anywhere, or changed anywhere, is refused or read at its size", async () => {
  for (const [name, whole] of [
    ["x.png", png(8, 8, 3)],
    ["x.jpg", jpg(8, 8)],
  ] as const) {
    const files: Record<string, Uint8Array> = {};
    for (let at = 0; at < whole.length; at += 5) {
      files[`cut-${at}-${name}`] = whole.subarray(0, at);
      const changed = whole.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      files[`changed-${at}-${name}`] = changed;
      let header: ReturnType<typeof imageHeader> | undefined;
      try {
        header = imageHeader(changed);
      } catch (cause) {
        expect(cause).not.toBeInstanceOf(TypeError);
        expect(cause).not.toBeInstanceOf(RangeError);
      }
      // One of a header of its own size needs no decoder to be told apart.
      if (header !== undefined && (header.height !== 8 || header.width !== 8)) delete files[`changed-${at}-${name}`];
    }
    files["good.png"] = png(8, 8, 3);
    for (const decoder of ["sharp", "javascript"] as const) {
      const { ids = [], rows } = await readImages(place(files), { cache: false, decoder, skipBad: true });
      expect(rows).toMatchObject({ height: 8, width: 8 });
      // A file that lost its end is never whole.
      expect(ids.filter((id) => id.startsWith("cut-"))).toEqual([]);
    }
  }
});
