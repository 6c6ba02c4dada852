/** `dann report`: the page of a finished run, made from its folder. */
import { join, resolve } from "node:path";
import { readReportParts, reportOf } from "../../adapt/report.ts";
import { runFiles } from "../../adapt/run-folder.ts";
import { writeAtomic } from "../../data/atomic.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import type { ReportDocument } from "../documents.ts";
import { createOutput } from "../output.ts";
import { formatBytes } from "../render/progress.ts";
import { requirePage } from "../words.ts";

interface ReportFlags {
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function command(): ReturnType<typeof makeCommand> {
  return makeCommand("report", "the page of a finished run: one offline HTML file, made again from its folder")
    .argument("<run>", "a run's folder")
    .option("--out <file.html>", `where to write; default: ${runFiles.report} in the run's folder`)
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .addHelpText(
      "after",
      "\ndann adapt writes it by itself; runs of sweeps and benchmarks get theirs from here.\n" +
        "\nExample:\n  dann report runs/sweep/jobs/1f0c --out best.html",
    )
    .action(async (run: unknown, given: unknown) =>
      execute(String(run), given as ReportFlags),
    ) as unknown as ReturnType<typeof makeCommand>;
}

async function execute(run: string, given: ReportFlags): Promise<void> {
  const output = createOutput(given);
  const out = given.out ?? join(run, runFiles.report);
  requirePage("--out", out);
  const parts = await readReportParts(run);
  const page = await reportOf(parts);
  await writeAtomic(out, page);
  const document: ReportDocument = { schema: 1, run, out: resolve(out), bytes: Buffer.byteLength(page) };
  output.document(document);
  output.result(`${out}: ${formatBytes(document.bytes)}\n`);
}
