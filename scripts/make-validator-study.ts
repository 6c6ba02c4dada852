/**
 * Writes `docs/validators.md` from the finished jobs of a benchmark's store:
 * npx tsx --conditions=dann-source scripts/make-validator-study.ts runs/benchmark [PAGE.md]
 */
import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { validatorsPage } from "./validator-study/page.ts";
import { readStudyRuns } from "./validator-study/runs.ts";

const [store, page] = process.argv.slice(2);
if (store === undefined) throw new Error("expected the store of a benchmark, such as runs/benchmark");
const command = `npx tsx --conditions=dann-source scripts/make-validator-study.ts ${basename(store)}`;
writeFileSync(page ?? new URL("../docs/validators.md", import.meta.url), validatorsPage(readStudyRuns(store), command));
