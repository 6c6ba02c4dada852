/** A sweep as texts in rows and columns, for a terminal and for Markdown. */

import { cell, markdownTable } from "../render/markdown.ts";
import { counts, duration, interval, show, spread } from "../render/texts.ts";
import type { SweepDocument, SweepRow } from "./document.ts";

export interface SweepGrid {
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What stands under it, a line each. */
  readonly remarks: readonly string[];
}

export function sweepGrid(sweep: SweepDocument): SweepGrid {
  const { keys, settings, rungs, seeds } = sweep;
  const halving = rungs.length > 1;
  const reversed = settings.some(({ scores }) => scores?.reverseRisk !== undefined);
  const scored = settings.some(({ target }) => target !== null);
  const budget = ({ rung }: SweepRow): string => String(rungs[rung]?.budget?.value ?? "");
  return {
    heading: [
      ...keys,
      ...(halving ? [rungs[0]?.budget?.key.replace("train.", "") ?? "budget"] : []),
      ...(reversed ? ["reverse risk"] : []),
      ...["information", "source", "source-only", "distance", "verdicts"],
      ...(scored ? ["target (scoring only)", "to source-only (scoring only)"] : []),
      "",
    ],
    rows: settings.map((row, index) => [
      ...keys.map((key) => show(row.values[key])),
      ...(halving ? [budget(row)] : []),
      ...(reversed ? [row.scores?.reverseRisk?.toFixed(3) ?? "-"] : []),
      ...(["information", "source", "sourceOnly", "distance"] as const).map(
        (key) => row.scores?.[key].toFixed(3) ?? "-",
      ),
      counts(row.verdicts),
      ...(scored ? [spread(row.target), interval(row.difference)] : []),
      index === sweep.winner?.setting ? "winner" : standings[row.standing],
    ]),
    remarks: [
      `Means over ${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"} (${seeds.join(", ")}). Chosen without target labels: ${sweep.rule}.`,
      ...(scored ? ["Columns marked scoring only use labels of the target: they were not used to choose."] : []),
      ...(halving ? [`Successive halving: ${rungs.map(rungText).join(", then ")}.`] : []),
      ...sweep.failures.map(({ setting, seed, reason }) => `Failed: ${setting}, seed ${seed}: ${reason}`),
      ...(sweep.winner === null
        ? [
            "No winner: every setting failed, did harm on some seed, or lost the source. Align less, train longer, or use source-only.",
          ]
        : []),
      made(sweep),
    ],
  };
}

export function sweepMarkdown(sweep: SweepDocument): string {
  const { heading, rows, remarks } = sweepGrid(sweep);
  return [
    `## Sweep: ${cell(`${sweep.source} -> ${sweep.target}`)}\n\n`,
    markdownTable(heading, rows),
    "\n",
    ...remarks.map((text) => `${cell(text)}\n`),
    ...(sweep.winner === null ? [] : [`\nThe winner:\n\n    ${sweep.winner.command}\n`]),
    `\nThe sweep:\n\n    ${sweep.command}\n`,
  ].join("");
}

const standings = {
  eligible: "",
  "below-floor": "source lost",
  harmed: "harmed",
  failed: "failed",
} as const satisfies Record<SweepRow["standing"], string>;

const rungText = ({ settings, budget }: SweepDocument["rungs"][number]): string =>
  `${settings} ${settings === 1 ? "setting" : "settings"} with ${budget?.value} ${budget?.key.replace("train.", "")}`;

function made({ settings, made: how, version }: SweepDocument): string {
  const seconds = settings.reduce((sum, row) => sum + row.seconds, 0);
  const on = how === null ? "" : `; ${how.date}, ${how.machine}, ${how.engine}`;
  return `${duration(seconds)} of computing for the rows above${on}; dann ${version}.`;
}
