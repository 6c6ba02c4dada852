/** Files that no home has, made of those that there are: on small inputs always, on the real ones where they are. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { strToU8, zipSync, zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { dataSets } from "../registry.ts";
import type { MadeFiles } from "../set.ts";
import { readMatlab } from "./matlab.ts";
import { makeMovement, movementTable } from "./movement.ts";
import { makeOptdigits } from "./optdigits.ts";
import { readPpm, signsOf } from "./signs.ts";
import { makeUsps, uspsBytes } from "./usps.ts";

const nothing = [0, ""] as const;
const make = async (made: MadeFiles, ...files: readonly (string | Uint8Array)[]): Promise<Uint8Array[]> => {
  const contents = new Map(made.from.map((path, at) => [path, files[at] ?? ""]));
  const content = (path: string): Uint8Array => {
    const found = contents.get(path) ?? "";
    return typeof found === "string" ? strToU8(found) : found;
  };
  const result = await made.make(async (path) => content(path));
  return made.files.map(({ path }) => result.get(path) ?? new Uint8Array());
};

describe("Optdigits", () => {
  const row = (first: number, label: number): string => `${[first, ...new Array(63).fill(0), label].join(",")}\n`;
  const made = makeOptdigits("train", ["tra", "hol"], { images: nothing, labels: nothing });

  it("joins its files, without comments", async () => {
    const [images, labels] = await make(made, `# a comment\n${row(16, 3)}`, `${row(7, 9)}\n`);
    expect([...(images ?? [])].slice(0, 17)).toEqual([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0, 8, 16]);
    expect(images?.[16 + 64]).toBe(7);
    expect([...(labels ?? [])]).toEqual([0, 0, 8, 1, 0, 0, 0, 2, 3, 9]);
  });

  it("says which line is not as it should be", async () => {
    await expect(make(made, row(17, 3), "")).rejects.toThrow("optdigits.tra.gz, line 1: expected 64 values in 0..16");
  });
});

describe("USPS", () => {
  const made = makeUsps("test", { int16: nothing, ubyte: nothing, labels: nothing });
  const line = (label: string, grey: string): string => `${label} ${new Array(256).fill(grey).join(" ")} \n`;

  it("keeps thousandths, and has them as bytes", async () => {
    const [int16, ubyte, labels] = await make(made, line("6.0000", "-0.6310") + line("0.0000", "1.0000"));
    expect([...(int16 ?? [])].slice(0, 18)).toEqual([0, 0, 11, 3, 0, 0, 0, 2, 0, 0, 0, 16, 0, 0, 0, 16, 0xfd, 0x89]);
    expect([ubyte?.[16], ubyte?.[16 + 256]]).toEqual([Math.floor((0.369 / 2) * 255), 255]);
    expect([...(labels ?? [])].slice(8)).toEqual([6, 0]);
  });

  it("rounds as the copies about do", () => {
    expect(uspsBytes(Int16Array.of(-1000, -600, 0, 1000))).toEqual(Uint8Array.of(0, 50, 127, 255));
  });

  it("says which line is not as it should be", async () => {
    await expect(make(made, line("6.0000", "1.5"))).rejects.toThrow("line 1: expected a digit and 256 values in -1..1");
    await expect(make(made, "6.0000 1 2\n")).rejects.toThrow("line 1");
  });
});

describe("indoor movement", () => {
  const files = {
    "dataset/MovementAAL_target.csv": "#sequence_ID, class_label\n1,1\n2,-1\n",
    "dataset/MovementAAL_RSS_1.csv": "#RSS_anchor1\n-0.9,-0.48,0.28571,0.3\n0, 1, 1, 1\n",
    "dataset/MovementAAL_RSS_2.csv": "0.5,0,0,-1\n",
    "groups/MovementAAL_DatasetGroup.csv": "1,3\n2,1\n",
    "groups/MovementAAL_Paths.csv": "1,5\n2,6\n",
    "README.txt": "x",
  };
  const zip = (from: Readonly<Record<string, string>>): Uint8Array =>
    zipSync(Object.fromEntries(Object.entries(from).map(([name, text]) => [name, strToU8(text)])));

  it("is a row a time step, values as they are written", async () => {
    const text =
      "sequence,group,path,label,t,rss1,rss2,rss3,rss4\n1,3,5,1,0,-0.9,-0.48,0.28571,0.3\n1,3,5,1,1,0,1,1,1\n2,1,6,-1,0,0.5,0,0,-1\n";
    expect(movementTable(zip(files))).toBe(text);
    expect(await make(makeMovement(0, ""), zip(files))).toEqual([strToU8(text)]);
  });

  it("says which file is missing", () => {
    const { "dataset/MovementAAL_RSS_2.csv": _, ...rest } = files;
    expect(() => movementTable(zip(rest))).toThrow("expected a file dataset/MovementAAL_RSS_2.csv, got none");
  });
});

/** An element of a MATLAB file; up to 4 bytes go into the tag. */
function element(type: number, data: Uint8Array, small = data.length <= 4): Uint8Array {
  const filled = small ? 4 : type === 15 ? data.length : Math.ceil(data.length / 8) * 8;
  const bytes = new Uint8Array((small ? 4 : 8) + filled);
  const view = new DataView(bytes.buffer);
  if (small) view.setUint32(0, (data.length << 16) | type, true);
  else {
    view.setUint32(0, type, true);
    view.setUint32(4, data.length, true);
  }
  bytes.set(data, small ? 4 : 8);
  return bytes;
}
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const int32 = (...values: number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer);
const matlab = (...parts: readonly Uint8Array[]): Uint8Array => {
  const head = new Uint8Array(128).fill(32);
  head.set([0, 1, 0x49, 0x4d], 124);
  return joined(head, ...parts);
};
const matrix = (name: string, rows: number, columns: number, values: Uint8Array, type: number): Uint8Array =>
  element(
    14,
    joined(element(6, int32(6, 0)), element(5, int32(rows, columns)), element(1, strToU8(name)), element(type, values)),
  );

describe("MATLAB files", () => {
  it("give matrices row by row, of every type, compressed and plain", () => {
    const doubles = new Uint8Array(Float64Array.from([1, 2, 3, 4, 5, 6.5]).buffer);
    const file = matlab(
      matrix("plain", 2, 3, doubles, 9),
      element(15, zlibSync(matrix("a longer name", 3, 1, Uint8Array.from([7, 8, 255]), 2)), false),
      matrix("f", 1, 2, new Uint8Array(Float32Array.from([0.1, -2]).buffer), 7),
      matrix("i", 1, 1, Uint8Array.from([0xfe, 0xff]), 3),
    );
    const found = readMatlab(file, "x.mat");
    expect([...found.keys()]).toEqual(["plain", "a longer name", "f", "i"]);
    expect([...(found.get("plain")?.values ?? [])]).toEqual([1, 3, 5, 2, 4, 6.5]);
    expect([...(found.get("a longer name")?.values ?? [])]).toEqual([7, 8, 255]);
    expect([...(found.get("f")?.values ?? [])]).toEqual([Math.fround(0.1), -2]);
    expect([...(found.get("i")?.values ?? [])]).toEqual([-2]);
  });

  it("that are damaged are refused, never half read", () => {
    const file = matlab(matrix("m", 2, 2, Uint8Array.from([1, 2, 3, 4]), 2));
    const refused = (bytes: Uint8Array): void =>
      expect(() => readMatlab(bytes, "x.mat")).toThrow(/x\.mat: expected a MATLAB/);
    refused(new Uint8Array(10));
    refused(strToU8("text ".repeat(50)));
    for (let end = 129; end < file.length; end++) refused(file.subarray(0, end));
    refused(matlab(matrix("m", 2, 3, Uint8Array.from([1, 2, 3, 4]), 2)));
    refused(matlab(matrix("m", 2, 2, Uint8Array.from([1, 2, 3, 4]), 99)));
  });
});

describe("traffic signs", () => {
  const ppm = (width: number, height: number, value: number, head = `P6 ${width} ${height} 255\n`): Uint8Array =>
    joined(strToU8(head), new Uint8Array(3 * width * height).fill(value));

  it("are six frames a track, in order, with their sizes", () => {
    const name = (label: number, track: number, frame: number): string =>
      `GTSRB/Training/${[label].map((n) => String(n).padStart(5, "0"))}/${String(track).padStart(5, "0")}_${String(frame).padStart(5, "0")}.ppm`;
    const files: Record<string, Uint8Array> = { "GTSRB/Training/00000/GT-00000.csv": strToU8("x") };
    for (const [label, track] of [
      [7, 0],
      [0, 1],
      [0, 0],
    ] as const)
      for (let frame = 0; frame < 30; frame++)
        files[name(label, track, frame)] = ppm(33 + frame, 40, 10 * label + track);
    const made = signsOf(zipSync(files), "x.zip");
    const index = new TextDecoder().decode(made.get("index.csv.gz")).split("\n");
    expect(index.slice(0, 4)).toEqual([
      "i,label,track,frame,width,height",
      "0,0,0,0,33,40",
      "1,0,0,6,39,40",
      "2,0,0,12,45,40",
    ]);
    expect(index.slice(18, 20)).toEqual(["17,7,0,29,62,40", ""]);
    expect([...(made.get("labels-idx1-ubyte.gz") ?? [])].slice(7)).toEqual([
      18,
      ...new Array(12).fill(0),
      ...new Array(6).fill(7),
    ]);
    const images = made.get("images-idx4-ubyte.gz") ?? new Uint8Array();
    expect([...images.subarray(0, 20)]).toEqual([0, 0, 8, 4, 0, 0, 0, 18, 0, 0, 0, 32, 0, 0, 0, 32, 0, 0, 0, 3]);
    expect([images.length, images[20], images[20 + 6 * 3072], images.at(-1)]).toEqual([20 + 18 * 3072, 0, 1, 70]);
    expect(() => signsOf(zipSync({ "a.txt": strToU8("x") }), "x.zip")).toThrow("expected CLASS/TRACK_FRAME.ppm");
  });

  it("are read with comments in their headers, and refused where pixels are missing", () => {
    expect(readPpm(ppm(2, 1, 5, "P6\n# made by hand\n2\n1\n255\n"), "a.ppm")).toMatchObject({ height: 1, width: 2 });
    expect(() => readPpm(ppm(2, 1, 5).subarray(0, -1), "a.ppm")).toThrow("a.ppm: expected a binary PPM");
    expect(() => readPpm(strToU8("P5 2 1 255\n123456"), "a.ppm")).toThrow("a.ppm: expected a binary PPM");
  });
});

const folder = process.env.DANN_DATA ?? resolve(import.meta.dirname, "../../../../../shared/data");
const present = existsSync(join(folder, "README.md"));
const content = (name: string, path: string): Uint8Array => {
  const bytes = readFileSync(join(folder, name, path));
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
};

describe.skipIf(!present)(`the real data sets (${present ? folder : `skipped: no folder ${folder}`})`, () => {
  const groups = dataSets.flatMap((set) =>
    set.made
      .filter(
        ({ from, files }) =>
          files.every(({ sha256 }) => sha256) && from.every((path) => existsSync(join(folder, set.name, path))),
      )
      .map((group) => [`${set.name}: ${group.files[0]?.path}`, set.name, group] as const),
  );

  it("has what most files are made of", () => {
    expect(groups).toHaveLength(2 + 4 + 1);
  });

  it.each(groups)("%s is made to the bit", async (_, name, group) => {
    const made = await group.make(async (path) => content(name, path));
    for (const { path, sha256, bytes } of group.files) {
      const result = made.get(path) ?? new Uint8Array();
      expect([path, result.length, createHash("sha256").update(result).digest("hex")]).toEqual([path, bytes, sha256]);
    }
  });

  it.each(["train", "test"] as const)(
    "USPS, %s: written out as the book has it, it comes back to the bit",
    async (part) => {
      const int16 = content("usps", `${part}-images-idx3-int16.gz`).subarray(16);
      const labels = content("usps", `${part}-labels-idx1-ubyte.gz`).subarray(8);
      const view = new DataView(int16.buffer, int16.byteOffset, int16.byteLength);
      let text = "";
      labels.forEach((label, row) => {
        const values = Array.from({ length: 256 }, (_, i) => (view.getInt16(2 * (256 * row + i)) / 1000).toFixed(4));
        text += `${label.toFixed(4)} ${values.join(" ")} \n`;
      });
      const group = dataSets.find(({ name }) => name === "usps")?.made.find(({ from }) => from[0]?.includes(part));
      if (group === undefined) throw new Error("no USPS");
      const made = await make(group, text);
      made.forEach((result, at) => {
        expect(createHash("sha256").update(result).digest("hex")).toBe(group.files[at]?.sha256);
      });
    },
  );

  it("is what the registry says, file by file", () => {
    for (const { name, remote, made, byHand } of dataSets) {
      for (const { path, bytes, sha256 } of [
        ...remote,
        ...made.flatMap(({ files }) => files),
        ...(byHand?.files ?? []),
      ]) {
        if (sha256 === undefined) continue;
        const found = content(name, path);
        expect([path, found.length, createHash("sha256").update(found).digest("hex")]).toEqual([path, bytes, sha256]);
      }
    }
  });
});
