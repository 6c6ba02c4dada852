/** Writes `schemas/`: npx tsx --conditions=dann-source scripts/make-schemas.ts && npx biome format --write schemas */
import { mkdirSync, writeFileSync } from "node:fs";
import { jsonSchemas } from "../src/cli/schemas.ts";

const folder = new URL("../schemas/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, schema] of jsonSchemas())
  writeFileSync(new URL(name, folder), `${JSON.stringify(schema, undefined, 2)}\n`);
