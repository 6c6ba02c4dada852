/** `--missing`: which cells of a table mean that nothing is known. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { inspectDocument } from "../../src/cli/documents.ts";
import { dann, temporaryFolder } from "../support/cli.ts";

const folder = temporaryFolder();
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, "gaps.csv");
const odd: Readonly<Record<number, string>> = { 3: "unknown", 5: "n.a.", 7: "NA" };
const rows = Array.from({ length: 40 }, (_, i) => `${odd[i] ?? 40 + i},${i % 2 === 0 ? "sick" : "well"}`);
writeFileSync(file, `${["age,diagnosis", ...rows].join("\n")}\n`);

async function age(...flags: string[]) {
  const { code, stdout, stderr } = await dann(["data", "inspect", file, "--labels", "diagnosis", "--json", ...flags]);
  expect(code, stderr).toBe(0);
  return inspectDocument.parse(JSON.parse(stdout)).datasets[0]?.columns?.[0];
}

test("its cells are gaps in a column of numbers, beside those that always are", async () => {
  expect((await age())?.kind).not.toBe("number");
  expect(await age("--missing", "unknown,n.a.")).toMatchObject({ name: "age", kind: "number", missing: 3 });
});
