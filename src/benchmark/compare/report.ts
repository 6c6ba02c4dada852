/** The page of a comparison, from its document and the folders of its runs. Node only. */
import { readReportedRun } from "../../adapt/report.ts";
import { compareReport } from "../../report/compare-page.ts";
import type { CompareDocument } from "./document.ts";
import { compareRemarks, compareTables } from "./render.ts";

/** @param command what gives the page again. */
export const comparePage = (document: CompareDocument, command: string): Promise<string> =>
  compareReport(
    { ...document, tables: compareTables(document), remarks: compareRemarks(document), command },
    readReportedRun,
  );
