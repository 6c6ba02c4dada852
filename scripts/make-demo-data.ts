/** `npx tsx scripts/make-demo-data.ts FOLDER`: writes `demo/*.gz` from the complete sets in FOLDER (`demo/README.md`). */
import { writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { demoData } from "./demo-data.ts";

const [sets] = process.argv.slice(2);
if (sets === undefined) throw new Error("expected the folder that holds mnist/ and optdigits/");
for (const [name, bytes] of await demoData(sets)) {
  const packed = gzipSync(bytes, { level: 9 });
  await writeFile(new URL(`../demo/${name}.gz`, import.meta.url), packed);
  console.log(`${name}.gz  ${packed.length} bytes`);
}
