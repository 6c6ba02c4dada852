/** Run folders as `dann adapt` leaves them, as far as comparing looks at them: with figures that a test has made up. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AdaptResult, ModelRow } from "../../src/adapt/result.ts";
import { printConfig } from "../../src/config/file.ts";
import type { Plain } from "../../src/config/merge.ts";

export interface MadeRun {
  readonly seed: number;
  /** Accuracies on source and target of source-only, of the method at its last epoch and as selected. */
  readonly source?: readonly [number, number, number];
  readonly target?: readonly [number, number, number] | null;
  /** Index of the chosen model; default the selected one. */
  readonly chosen?: number;
  readonly config?: Plain;
  /** Of the data; null: no checkpoint any more. */
  readonly hash?: string | null;
  readonly rows?: number;
  readonly classes?: readonly string[];
  readonly diverged?: boolean;
}

export function makeRun(path: string, made: MadeRun): string {
  const { seed, config = {}, hash = `rows of seed ${seed}` } = made;
  mkdirSync(join(path, "checkpoint"), { recursive: true });
  writeFileSync(
    join(path, "config.yaml"),
    printConfig({ ...config, out: path, train: { seed, ...(config.train as Plain) } }),
  );
  writeFileSync(join(path, "result.json"), JSON.stringify(resultOf(path, made)));
  if (hash !== null) writeFileSync(join(path, "checkpoint/progress.json"), JSON.stringify({ data: hash }));
  return path;
}

function resultOf(run: string, made: MadeRun): AdaptResult {
  const { source = [0.9, 0.9, 0.9], target = [0.5, 0.6, 0.7], chosen = 2, rows = 20, diverged = false } = made;
  const metrics = (accuracy: number): ModelRow["metrics"]["source"] => ({
    ...{ rows, accuracy, balancedAccuracy: accuracy / 2, macroF1: accuracy / 4, perClass: [], confusion: [] },
  });
  const row = (at: 0 | 1 | 2, name: string, selection: ModelRow["selection"]): ModelRow => ({
    ...{ name, method: name, selection, selectable: true, epoch: at, validators: {} },
    metrics: { source: metrics(source[at]), target: target === null ? null : metrics(target[at]) },
    scoredOn: { source: "source-holdout", target: target === null ? null : "target" },
  });
  const all = [row(0, "source-only", "last"), row(1, "dann", "last"), row(2, "dann", "validator")];
  return {
    schema: 1,
    run,
    task: {
      ...{ kind: "classification", classes: [...(made.classes ?? ["no", "yes"])], sourceRows: 100, targetRows: 100 },
      inputShape: [2],
    },
    network: { name: "mlp", description: "", why: "", parameters: 1 },
    models: diverged ? all.slice(0, 1) : all,
    chosen: diverged ? 0 : chosen,
    verdict: { code: diverged ? "diverged" : "helped", text: "", remedies: [] },
    domainDistance: { before: 1, sourceOnly: 1, after: 0.5 },
    ...{ steps: 10, seconds: 2, stepsPerSecond: 5, device: "cpu", threads: 1, seed: made.seed },
    verification: { difference: 0, rows: 1 },
    ...{ warnings: [], version: "0.1.0" },
  };
}
