/** The summary of several seeds for people: mean, spread and n; never a best-of. */
import type { SeedsSummary } from "../../adapt/seeds.ts";
import { counts } from "../../benchmark/render/texts.ts";
import type { Paint } from "./style.ts";
import { renderTable } from "./table.ts";

export function renderSeeds(summary: SeedsSummary, paint: Paint): string {
  const columns = [
    { title: "model" },
    { title: "selection" },
    { title: "source", align: "right" as const },
    { title: "target", align: "right" as const },
    { title: "against source-only", align: "right" as const },
    { title: "n", align: "right" as const },
    { title: "" },
  ];
  const rows = summary.models.map((row) => [
    row.name,
    row.selection,
    spread(row.source, false),
    spread(row.target, false),
    spread(row.difference, true),
    String(row.source.n),
    row.selectable ? "" : "not selectable",
  ]);
  return `${renderTable(columns, rows, { paint })}${paint("dim", `mean ${summary.metric === "rmse" ? "error (RMSE, lower is better)" : "accuracy"} ± standard deviation over seeds; differences are paired by seed`)}\n\nverdicts: ${counts(summary.verdicts)}\n${summary.runs.map((run) => `run: ${run}\n`).join("")}`;
}

function spread(value: { mean: number; sd: number | null } | null, signed: boolean): string {
  if (value === null) return "-";
  const sign = signed && value.mean >= 0 ? "+" : "";
  return `${sign}${value.mean.toFixed(3)}${value.sd === null ? "" : ` ± ${value.sd.toFixed(3)}`}`;
}
