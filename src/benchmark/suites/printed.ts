/** Figures of papers that more than one suite shows. The two versions of the first paper differ, so each is named. */
import type { Printed } from "../suite.ts";

interface PaperTable {
  readonly source: string;
  /** By task. */
  readonly columns: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const jmlr: PaperTable = {
  source: "Ganin et al., JMLR 17 (2016), table 2; epochs not stated, SVM instead of the last layer",
  columns: {
    "mnist-mnistm": { "source only": 0.5225, DANN: 0.7666, "train on target": 0.9596 },
    "synnumbers-svhn": { "source only": 0.8674, DANN: 0.9109, "train on target": 0.922 },
    "svhn-mnist": { "source only": 0.549, DANN: 0.7385, "train on target": 0.9942 },
    "synsigns-gtsrb": { "source only": 0.79, DANN: 0.8865, "train on target": 0.998 },
  },
};

const first: PaperTable = {
  source: "Ganin and Lempitsky, arXiv 1409.7495v1 (2014): other figures for the same tasks",
  columns: {
    "mnist-mnistm": { "source only": 0.5749, DANN: 0.8149, "train on target": 0.9891 },
    "synnumbers-svhn": { "source only": 0.8665, DANN: 0.9048, "train on target": 0.9244 },
    "svhn-mnist": { "source only": 0.5919, DANN: 0.7107, "train on target": 0.9951 },
  },
};

const library: PaperTable = {
  source: "Transfer-Learning-Library 0.3, best epoch on the target's test rows (not selectable)",
  columns: {
    "mnist-usps": { "source only": 0.821, DANN: 0.917 },
    "usps-mnist": { "source only": 0.746, DANN: 0.952 },
    "svhn-mnist": { "source only": 0.741, DANN: 0.908 },
  },
};

/** The rows of these tables for some tasks. */
export function printedFor(tasks: readonly string[]): Printed[] {
  return [jmlr, first, library].flatMap(({ source, columns }) => {
    const labels = new Set(tasks.flatMap((task) => Object.keys(columns[task] ?? {})));
    return [...labels].map((label) => {
      const values = tasks.flatMap((task) => {
        const value = columns[task]?.[label];
        return value === undefined ? [] : [[task, value] as const];
      });
      return { label, source, values: Object.fromEntries(values) };
    });
  });
}
