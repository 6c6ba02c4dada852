/** The page about operators says what the code can do. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { coveragePage } from "./support/onnx-coverage.ts";

test("docs/onnx-operators.md is current (npx tsx --conditions=dann-source scripts/make-onnx-operators.ts)", async () => {
  const stored = readFileSync(new URL("../docs/onnx-operators.md", import.meta.url), "utf8");
  expect(stored).toBe(await coveragePage());
});
