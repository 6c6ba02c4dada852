/** Optdigits as IDX, from the text files of UCI: 64 values and the class a line. */
import { dataError } from "../../../errors.ts";
import { encodeIdx } from "../../writers/idx.ts";
import { type Known, knownFile, type MadeFiles } from "../set.ts";

export function makeOptdigits(
  part: "train" | "test",
  names: readonly string[],
  known: { readonly images: Known; readonly labels: Known },
): MadeFiles {
  const [images, labels] = [`${part}-images-idx3-ubyte.gz`, `${part}-labels-idx1-ubyte.gz`];
  const from = names.map((name) => `optdigits.${name}.gz`);
  return {
    files: [knownFile(images, known.images), knownFile(labels, known.labels)],
    from,
    async make(read) {
      const rows: number[][] = [];
      for (const path of from) rows.push(...parse(new TextDecoder().decode(await read(path)), path));
      const pixels = Uint8Array.from(rows.flatMap((row) => row.slice(0, 64)));
      const classes = Uint8Array.from(rows, (row) => row[64] ?? 0);
      return new Map([
        [images, encodeIdx([rows.length, 8, 8], pixels)],
        [labels, encodeIdx([rows.length], classes)],
      ]);
    },
  };
}

function parse(text: string, path: string): number[][] {
  return text
    .split("\n")
    .map((line, at) => ({ line: line.trim(), number: at + 1 }))
    .filter(({ line }) => line !== "" && !line.startsWith("#"))
    .map(({ line, number }) => {
      const row = line.split(",").map(Number);
      if (row.length === 65 && row.every((value) => Number.isInteger(value) && value >= 0 && value <= 16)) return row;
      throw dataError(
        "optdigits",
        `${path}, line ${number}: expected 64 values in 0..16 and a class, got "${line.slice(0, 60)}"`,
      );
    });
}
