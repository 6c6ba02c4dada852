/** Writes `docs/onnx-operators.md`: npx tsx --conditions=dann-source scripts/make-onnx-operators.ts && npx biome format --write docs */
import { writeFileSync } from "node:fs";
import { coveragePage } from "../test/support/onnx-coverage.ts";

writeFileSync(new URL("../docs/onnx-operators.md", import.meta.url), await coveragePage());
