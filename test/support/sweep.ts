/** What the tests of sweeps share: configurations without a command line, and moons as files. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SweepPlan } from "../../src/benchmark/sweep/plan.ts";
import { layerOfSettings } from "../../src/cli/flags.ts";
import type { Plain } from "../../src/config/merge.ts";
import { resolveRun } from "../../src/config/resolve.ts";
import { moons } from "../../src/data/synthetic/moons.ts";

/** The configuration that words make, laid over a base. */
export const layersTo =
  (config: Plain): SweepPlan["resolve"] =>
  async (words) =>
    resolveRun([
      { origin: "base", config },
      { origin: "--grid", config: layerOfSettings(words) },
    ]);

/** Two half circles, the target's turned by 35 degrees, as CSV files with a column `label`. */
export function moonsFiles(folder: string, rows: number): { readonly source: string; readonly target: string } {
  const made = moons({ rows, rotation: 35, noise: 0.05, seed: 100 });
  const write = (name: "source" | "target"): string => {
    const { rows: points, labels = [] } = made[name];
    if (points.kind !== "dense") throw new Error("expected dense rows");
    const lines = labels.map((label, i) => `${points.values[2 * i]},${points.values[2 * i + 1]},moon ${label}`);
    const path = join(folder, `${name}.csv`);
    writeFileSync(path, `x,y,label\n${lines.join("\n")}\n`);
    return path;
  };
  return { source: write("source"), target: write("target") };
}
