/** JSON Schemas of the configuration and of every `--json` document: `schemas/NAME.schema.json`. */
import * as z from "zod";
import { adaptResult } from "../adapt/result.ts";
import { seedsSummary } from "../adapt/seeds.ts";
import { compareDocument } from "../benchmark/compare/document.ts";
import { sweepDocument, sweepPlanDocument } from "../benchmark/sweep/document.ts";
import { benchmarkTable } from "../benchmark/table.ts";
import { refineConfig, runConfig } from "../config/schema.ts";
import { probeDocument } from "../probe/document.ts";
import { benchmarkPlan, benchmarkSuites } from "./benchmark-documents.ts";
import {
  buildDocument,
  convertDocument,
  doctorDocument,
  evaluateDocument,
  exportDocument,
  inspectDocument,
  modelDocument,
  predictDocument,
  reportDocument,
} from "./documents.ts";
import { dryRunDocument } from "./dry-run.ts";
import { fetchDocument, fetchListDocument } from "./fetch-documents.ts";

interface Described {
  readonly schema: z.ZodType;
  readonly title: string;
  /** A configuration is described as it is written, a document as it is read. */
  readonly io: "input" | "output";
}

const described: Readonly<Record<string, Described>> = {
  config: { schema: runConfig, title: "configuration of dann adapt (--config)", io: "input" },
  "config-from": { schema: refineConfig, title: "configuration of dann adapt --from (--config)", io: "input" },
  adapt: { schema: adaptResult, title: "dann adapt --json, result.json, dann demo --json", io: "output" },
  "adapt-seeds": { schema: seedsSummary, title: "dann adapt --seeds --json, summary.json", io: "output" },
  "adapt-dry-run": { schema: dryRunDocument, title: "dann adapt --dry-run --json", io: "output" },
  benchmark: { schema: benchmarkTable, title: "dann benchmark SUITE --json", io: "output" },
  "benchmark-plan": { schema: benchmarkPlan, title: "dann benchmark SUITE --dry-run --json", io: "output" },
  "benchmark-suites": { schema: benchmarkSuites, title: "dann benchmark --json", io: "output" },
  sweep: { schema: sweepDocument, title: "dann sweep --json, sweep.json", io: "output" },
  "sweep-plan": { schema: sweepPlanDocument, title: "dann sweep --dry-run --json", io: "output" },
  compare: { schema: compareDocument, title: "dann compare --json", io: "output" },
  predict: { schema: predictDocument, title: "dann predict --json", io: "output" },
  probe: { schema: probeDocument, title: "dann probe --json, probe.json", io: "output" },
  evaluate: { schema: evaluateDocument, title: "dann evaluate --json", io: "output" },
  report: { schema: reportDocument, title: "dann report --json", io: "output" },
  export: { schema: exportDocument, title: "dann export --json", io: "output" },
  "data-inspect": { schema: inspectDocument, title: "dann data inspect --json", io: "output" },
  "data-fetch": { schema: fetchDocument, title: "dann data fetch --json", io: "output" },
  "data-fetch-list": { schema: fetchListDocument, title: "dann data fetch --list --json", io: "output" },
  "data-build": { schema: buildDocument, title: "dann data build --json", io: "output" },
  "data-convert": { schema: convertDocument, title: "dann data convert --json", io: "output" },
  inspect: { schema: modelDocument, title: "dann inspect --json", io: "output" },
  doctor: { schema: doctorDocument, title: "dann doctor --json", io: "output" },
};

/** Each schema by its file's name. */
export function jsonSchemas(): Map<string, object> {
  return new Map(
    Object.entries(described).map(([name, { schema, title, io }]) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
      return [`${name}.schema.json`, { $schema, title, ...rest }];
    }),
  );
}
