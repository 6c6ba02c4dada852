/** Comparisons for people. */
import type { CompareDocument } from "../../benchmark/compare/document.ts";
import { compareRemarks, compareTables } from "../../benchmark/compare/render.ts";
import type { Paint } from "./style.ts";
import { renderTable } from "./table.ts";

export function renderCompare(document: CompareDocument, paint: Paint): string {
  return [
    ...compareTables(document).map(({ heading, rows }) => {
      const columns = heading.map((title, at) => ({
        title,
        ...(numeric(title) && at > 0 && { align: "right" as const }),
      }));
      return `${renderTable(columns, rows, { paint })}\n`;
    }),
    ...document.groups.map(({ name, runs }) => `${name}: ${runs.map(({ run }) => run).join(", ")}\n`),
    ...compareRemarks(document).map((text) => `${paint(text.startsWith("warning") ? "yellow" : "dim", text)}\n`),
  ].join("");
}

const numeric = (title: string): boolean => /^(source|target|p|time)/.test(title);
