/**
 * USPS as IDX, from the text files of "The Elements of Statistical Learning": the class, then 256 grey values in -1..1
 * with three decimals, so that a thousandth is exact as an integer. The 8-bit form is floor((v + 1) / 2 * 255).
 */
import { dataError } from "../../../errors.ts";
import { encodeIdx } from "../../writers/idx.ts";
import { inWork, type Known, knownFile, type MadeFiles } from "../set.ts";

export function makeUsps(
  part: "train" | "test",
  known: { readonly int16: Known; readonly ubyte: Known; readonly labels: Known },
): MadeFiles {
  const from = inWork(`zip.${part}.gz`);
  const paths = {
    int16: `${part}-images-idx3-int16.gz`,
    ubyte: `${part}-images-idx3-ubyte.gz`,
    labels: `${part}-labels-idx1-ubyte.gz`,
  } as const;
  return {
    files: (["int16", "ubyte", "labels"] as const).map((form) => knownFile(paths[form], known[form])),
    from: [from],
    async make(read) {
      const rows = parse(new TextDecoder().decode(await read(from)), from);
      const thousandths = Int16Array.from(rows.flatMap((row) => row.slice(1).map((value) => Math.round(1000 * value))));
      const dims = [rows.length, 16, 16];
      return new Map([
        [paths.int16, encodeIdx(dims, thousandths)],
        [paths.ubyte, encodeIdx(dims, uspsBytes(thousandths))],
        [
          paths.labels,
          encodeIdx(
            [rows.length],
            Uint8Array.from(rows, (row) => row[0] ?? 0),
          ),
        ],
      ]);
    },
  };
}

/** -1000..1000 as 0..255, each step rounded to float32, as in the copies about: -600 gives 50, where exactly it is 51. */
export const uspsBytes = (thousandths: Int16Array): Uint8Array =>
  Uint8Array.from(thousandths, (value) => {
    const share = Math.fround(Math.fround(Math.fround(value / 1000) + 1) / 2);
    return Math.floor(Math.fround(share * 255));
  });

function parse(text: string, path: string): number[][] {
  return text
    .split("\n")
    .map((line, at) => ({ line: line.trim(), number: at + 1 }))
    .filter(({ line }) => line !== "")
    .map(({ line, number }) => {
      const row = line.split(/\s+/).map(Number);
      const [label = Number.NaN, ...values] = row;
      if (Number.isInteger(label) && label >= 0 && label <= 9 && values.length === 256 && values.every(isGrey))
        return row;
      throw dataError(
        "usps",
        `${path}, line ${number}: expected a digit and 256 values in -1..1, got "${line.slice(0, 60)}"`,
      );
    });
}

const isGrey = (value: number): boolean => value >= -1 && value <= 1;
