/** `dann data convert` on the command line: what it prints, what a killed one leaves, and what training makes of it. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import * as z from "zod";
import { convertDocument } from "../../src/cli/documents.ts";
import { encodeIdx } from "../../src/data/writers/idx.ts";
import { dann, temporaryFolder } from "../support/cli.ts";
import { png, writeFiles } from "../support/images.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const cwd = { cwd: folder };
const convert = (...args: string[]) => dann(["data", "convert", ...args], cwd);

/** Signs that are filmed: 4 classes of 6 tracks of 4 frames, brighter from frame to frame. */
const rows = 96;
const frames = Uint8Array.from({ length: rows * 64 }, (_, i) => {
  const [row, p] = [Math.floor(i / 64), i % 64];
  const sign = Math.floor(row / 24);
  return (
    20 * (row % 4) + (((p >> (sign % 2 === 0 ? 0 : 3)) & (sign < 2 ? 1 : 2)) > 0 ? 150 : 20) + ((row * 7 + p) % 11)
  );
});
writeFileSync(join(folder, "images-idx3-ubyte"), encodeIdx([rows, 8, 8], frames));
writeFileSync(
  join(folder, "labels-idx1-ubyte"),
  encodeIdx(
    [rows],
    Uint8Array.from({ length: rows }, (_, i) => i / 24),
  ),
);
writeFileSync(
  join(folder, "index.csv"),
  `track,frame\n${Array.from({ length: rows }, (_, i) => `${Math.floor(i / 4) % 6},${i % 4}`).join("\n")}\n`,
);
const film = ["images-idx3-ubyte", "--labels", "labels-idx1-ubyte", "--index", "index.csv", "--group", "track"];

test("near and far, split by track, and a run on them", async () => {
  const far = await convert(...film, "--where", "frame=0,1", "--part", "1/2", "--out", "far/", "--json");
  expect(far.code, far.stderr).toBe(0);
  const document = JSON.parse(far.stdout) as unknown;
  const schema = readFileSync(new URL("../../schemas/data-convert.schema.json", import.meta.url), "utf8");
  expect(
    z.fromJSONSchema(JSON.parse(schema) as z.core.JSONSchema.JSONSchema).safeParse(document).error,
  ).toBeUndefined();
  const { images, shape, classes, groups, files, format, input, out } = convertDocument.parse(document);
  expect({ images, shape, groups, format, input, out }).toEqual({
    images: 24,
    shape: [8, 8, 1],
    groups: 3,
    format: "folder",
    input: "images-idx3-ubyte",
    out: "far",
  });
  expect(classes).toEqual([0, 1, 2, 3].map((number) => ({ name: String(number), number, images: 6 })));
  expect(files).toEqual([{ path: "far", bytes: expect.any(Number) }]);
  const near = await convert(...film, "--where", "frame=2,3", "--part", "2/2", "--classes", "a,b,c,d", "--out", "near");
  expect(near.code, near.stderr).toBe(0);
  expect(near.stdout).toMatch(
    /^24 images of 8x8, grey, 4 classes, 3 groups\n {2}a \(6\), b \(6\), c \(6\), d \(6\)\nnear \(.* kB\)\n$/,
  );
  expect(near.stderr).toContain("3 groups with images of several classes (");
  const tracks = (name: string): string[] => readdirSync(join(folder, name)).sort();
  expect([...tracks("far/0"), ...tracks("near/a")].sort()).toEqual(["0", "1", "2", "3", "4", "5"]);
  const other = await convert(
    ...film,
    "--where",
    "frame=2,3",
    "--part",
    "2/2",
    "--seed",
    "1",
    "--out",
    "other",
    "--json",
  );
  expect(other.code, other.stderr).toBe(0);
  expect(tracks("other/0")).not.toEqual(tracks("near/a"));
  const same = await convert(...film, "--where", "frame=2,3", "--part", "2/2", "--out", "target");
  expect(same.code, same.stderr).toBe(0);
  const flags = [
    "--target-labels",
    "folder",
    "--group",
    "folder",
    "--steps",
    "20",
    "--batch",
    "8",
    "--no-cache",
    "--holdout",
    "0.3",
  ];
  const ran = await dann(["adapt", "--source", "far", "--target", "target", ...flags, "--out", "run", "--quiet"], cwd);
  expect(ran.code, ran.stderr).toBe(0);
}, 240_000);

test("back into arrays, with names said and kept", async () => {
  writeFiles(folder, { "pets/cat/1.png": png(4, 4, 3), "pets/dog/2.png": png(4, 4, 3), "pets/dog/notes.txt": "x" });
  const ran = await convert("pets", "--out", "pets-images-idx4-ubyte.gz");
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr).toContain("pets: 1 file passed over that are no JPEG, PNG or WebP: dog/notes.txt");
  expect(ran.stdout.split("\n").slice(0, 2)).toEqual(["2 images of 4x4, RGB, 2 classes", "  0 = cat (1), 1 = dog (1)"]);
  expect(ran.stdout.match(/^pets-\S+/gm)).toEqual([
    "pets-labels-idx1-ubyte.gz",
    "pets-classes.txt",
    "pets-index.csv",
    "pets-images-idx4-ubyte.gz",
  ]);
  expect(readFileSync(join(folder, "pets-index.csv"), "utf8")).toBe("id,label\ncat/1.png,cat\ndog/2.png,dog\n");
  const quiet = await convert("pets", "--out", "pets.npz", "--quiet", "--image-size", "2x3", "--image-fit", "stretch");
  expect([quiet.code, quiet.stderr]).toEqual([0, ""]);
  const back = await convert(
    "pets.npz",
    "--labels",
    "labels",
    "--classes",
    "classes",
    "--id",
    "ids",
    "--out",
    "pets2",
    "--json",
  );
  expect(convertDocument.parse(JSON.parse(back.stdout))).toMatchObject({ shape: [2, 3, 3], images: 2 });
  expect(readdirSync(join(folder, "pets2/cat"))).toEqual(["1.png"]);
  // A name that does not say the format.
  writeFileSync(join(folder, "plain"), readFileSync(join(folder, "images-idx3-ubyte")));
  const named = await convert("plain", "--format", "idx", "--out", "plain.npy", "--json");
  expect(convertDocument.parse(JSON.parse(named.stdout))).toMatchObject({ images: rows, classes: null, groups: null });
});

test("bad flags are usage, bad data are data", async () => {
  const before = readdirSync(folder);
  const cases = [
    [["--where", "frame"], 2, "--where: expected COLUMN=VALUE,VALUE"],
    [["--part", "3/2"], 2, "--part: expected K/N"],
    [["--part", "half"], 2, "--part: expected K/N"],
    [["--seed", "3"], 2, "--seed: decides about parts alone"],
    [["--part", "1/2", "--seed", "x"], 2, "--seed: expected a whole number"],
    [["--image-size", "8"], 2, "expected HEIGHTxWIDTH"],
    [["--skip-bad"], 2, "error[skip-bad]"],
    [["--where", "frame=9"], 3, "error[no-rows]"],
    [["--labels", "missing.txt"], 3, "error[no-such-column]"],
  ] as const;
  const refused = async ([args, code, said]: (typeof cases)[number]): Promise<void> => {
    const ran = await convert("images-idx3-ubyte", "--index", "index.csv", ...args, "--out", "refused");
    expect([ran.code, ran.stdout], args.join(" ")).toEqual([code, ""]);
    expect(ran.stderr).toContain(said);
  };
  await Promise.all(cases.map(refused));
  const missing = await convert("pets");
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining("--out")]);
  expect(readdirSync(folder)).toEqual(before);
}, 240_000);

test("a killed conversion leaves no folder, an interrupted one nothing at all", async () => {
  const many = 20_000;
  const name = "many-images-idx3-ubyte";
  writeFileSync(
    join(folder, name),
    encodeIdx(
      [many, 28, 28],
      new Uint8Array(many * 784).map((_, i) => i % 251),
    ),
  );
  const begun = (): string | undefined => readdirSync(folder).find((one) => /^\.many\.\d+\.tmp$/.test(one));
  for (const signal of ["SIGKILL", "SIGINT"] as const) {
    let watch: NodeJS.Timeout | undefined;
    const ran = await dann(["data", "convert", name, "--out", "many"], {
      ...cwd,
      started: (child) => {
        watch = setInterval(() => {
          const at = begun();
          if (at === undefined || readdirSync(join(folder, at)).length < 10) return;
          clearInterval(watch);
          child.kill(signal);
        }, 5);
      },
    });
    clearInterval(watch);
    expect(existsSync(join(folder, "many"))).toBe(false);
    if (signal === "SIGKILL") {
      expect(ran.code).toBeNull();
      rmSync(join(folder, begun() ?? "none"), { recursive: true });
    } else {
      expect([ran.code, ran.stdout]).toEqual([130, ""]);
      expect(ran.stderr).toContain("error[interrupted]: many: nothing was written");
      expect(begun()).toBeUndefined();
    }
  }
}, 240_000);
