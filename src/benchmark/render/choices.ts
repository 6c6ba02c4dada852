/** What baselines settled on, as texts in rows and columns: a row a task, a column a baseline. */
import type { BenchmarkTable, Choice } from "../table.ts";

export interface Choices {
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const choicesTitle = "Chosen by reverse validation, if not said otherwise (risk, number of settings tried):";

/** Undefined where nothing was chosen. */
export function choicesOf({ chosen, tasks, seeds }: BenchmarkTable): Choices | undefined {
  if (chosen.length === 0) return undefined;
  const models = [...new Set(chosen.map(({ model }) => model))];
  const many = seeds.length > 1;
  return {
    heading: ["task", ...models],
    rows: tasks
      .filter(({ name }) => chosen.some(({ task }) => task === name))
      .map(({ name, title }) => [
        title,
        ...models.map((model) =>
          chosen
            .filter((one) => one.task === name && one.model === model)
            .map((one) => `${many ? `seed ${one.seed}: ` : ""}${textOf(one)}`)
            .join("; "),
        ),
      ]),
  };
}

/** `hidden 50, lambda 0.316 (0.180, of 5)` */
const textOf = ({ setting, by, risk, tried }: Choice): string =>
  `${Object.entries(setting)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(3))}`)
    .join(", ")} (${risk.toFixed(3)}${by === "source-hold-out" ? " on the source" : ""}, of ${tried})`;
