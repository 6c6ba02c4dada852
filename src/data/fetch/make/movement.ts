/** Indoor movement as one table in long form, a row a time step, from UCI's archive of a file a sequence. */
import { unzipSync } from "fflate";
import { dataError } from "../../../errors.ts";
import type { MadeFiles } from "../set.ts";

const archive = "IndoorMovement.zip";
const table = "indoor-movement.csv.gz";

export const makeMovement = (bytes: number, sha256: string): MadeFiles => ({
  files: [{ path: table, bytes, sha256 }],
  from: [archive],
  make: async (read) => new Map([[table, new TextEncoder().encode(movementTable(await read(archive)))]]),
});

/** `sequence,group,path,label,t,rss1,rss2,rss3,rss4`, the signal strengths as they are written in the archive. */
export function movementTable(zip: Uint8Array): string {
  const files = unzipSync(zip, { filter: ({ name }) => name.endsWith(".csv") });
  const lines = (name: string): string[] => {
    const bytes = files[name];
    if (bytes === undefined) throw dataError("indoor-movement", `${archive}: expected a file ${name}, got none`);
    return new TextDecoder()
      .decode(bytes)
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
  };
  const bySequence = (name: string): Map<string, string> =>
    new Map(lines(name).map((line) => line.split(",").map((cell) => cell.trim()) as [string, string]));
  const labels = bySequence("dataset/MovementAAL_target.csv");
  const groups = bySequence("groups/MovementAAL_DatasetGroup.csv");
  const paths = bySequence("groups/MovementAAL_Paths.csv");
  let text = "sequence,group,path,label,t,rss1,rss2,rss3,rss4\n";
  for (const [sequence, label] of labels) {
    const head = [sequence, groups.get(sequence), paths.get(sequence), label].join(",");
    lines(`dataset/MovementAAL_RSS_${sequence}.csv`).forEach((line, t) => {
      text += `${head},${t},${line.replaceAll(" ", "")}\n`;
    });
  }
  return text;
}
