/** The page about operators says what the code can do. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { coveragePage } from "./support/onnx-coverage.ts";

/** The formatter aligns tables. */
const plain = (page: string): string => page.replaceAll(/ {2,}/g, " ").replaceAll(/-{3,}/g, "---");

test("docs/onnx-operators.md is current: scripts/make-onnx-operators.ts makes it", async () => {
  const stored = readFileSync(new URL("../docs/onnx-operators.md", import.meta.url), "utf8");
  expect(plain(stored)).toBe(plain(await coveragePage()));
});
