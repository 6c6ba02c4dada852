/** Office-Caltech-10: four places, ten classes of objects; as SURF histograms, GoogleNet features and thumbnails. */
import type { Plain } from "../../config/merge.ts";
import type { Dataset } from "../../data/dataset.ts";
import { nodeModules } from "../../data/files.ts";
import { rowShares } from "../shallow/nearest-neighbour.ts";
import type { Baseline, DataSets, Printed, Suite, Task } from "../suite.ts";
import { alignedNeighbours, alignedNote } from "./aligned-neighbours.ts";
import { denseOf } from "./dense-rows.ts";
import { linearNote, linearPerDomain } from "./linear-baselines.ts";
import { readPart } from "./parts.ts";

const places = ["amazon", "caltech10", "dslr", "webcam"] as const;
/** As papers abbreviate them. */
const letters: Readonly<Record<string, string>> = { amazon: "A", caltech10: "C", dslr: "D", webcam: "W" };

/** Counts of visual words as shares of their row, as in the literature. */
const shares = (dataset: Dataset): Dataset => ({ ...dataset, rows: rowShares(denseOf(dataset)) });

interface Form {
  readonly name: string;
  readonly title: string;
  readonly folder: string;
  readonly places: readonly string[];
  readonly read?: (dataset: Dataset) => Dataset;
  readonly config: Plain;
  readonly seconds: number;
  readonly baselines: readonly Baseline[];
}

const forms: readonly Form[] = [
  {
    name: "surf",
    title: "SURF",
    folder: "surf",
    places,
    read: shares,
    config: { train: { steps: 1000 }, data: { preprocess: { standardise: "perDomain" } } },
    seconds: 15,
    baselines: [...linearPerDomain, ...alignedNeighbours],
  },
  {
    name: "googlenet",
    title: "GoogleNet",
    folder: "googlenet1024",
    places: ["amazon", "dslr", "webcam"],
    config: { train: { steps: 1000 }, data: { preprocess: { standardise: "perDomain" } } },
    seconds: 15,
    baselines: [...linearPerDomain, ...alignedNeighbours],
  },
  {
    name: "images",
    title: "thumbnails",
    folder: "images32",
    places,
    // A third of the work of `compact`, a step.
    config: { network: { name: "mnist" }, train: { steps: 300 } },
    seconds: 100,
    baselines: [],
  },
];

const tasks: readonly Task[] = forms.flatMap((form) =>
  form.places.flatMap((source) =>
    form.places
      .filter((target) => target !== source)
      .map((target): Task => {
        const load = async (sets: DataSets, place: string): Promise<Dataset> => {
          const folder = nodeModules().path.join(await sets.folder("office-caltech10"), form.folder);
          const dataset = await readPart(folder, [place]);
          return form.read?.(dataset) ?? dataset;
        };
        return {
          name: `${form.name}-${source}-${target}`,
          title: `${form.title} ${letters[source]} -> ${letters[target]}`,
          group: form.title,
          needs: ["office-caltech10"],
          load: async (sets) => ({ source: await load(sets, source), target: await load(sets, target) }),
          config: form.config,
          seconds: form.seconds,
          baselines: form.baselines,
        };
      }),
  ),
);

/** In per cent, in the order C->A, C->W, C->D, A->C, A->W, A->D, W->C, W->A, W->D, D->C, D->A, D->W. */
const longEtAl = [23.7, 25.76, 25.48, 26.0, 29.83, 25.48, 19.86, 22.96, 59.24, 26.27, 28.5, 63.39];
const order = ["C-A", "C-W", "C-D", "A-C", "A-W", "A-D", "W-C", "W-A", "W-D", "D-C", "D-A", "D-W"];

const printed: Printed = {
  label: "1-NN",
  source: "Long et al., ICCV 2013: one nearest neighbour on SURF, rows as shares, standardised by domain",
  values: Object.fromEntries(
    tasks.flatMap(({ name }) => {
      const [form, source = "", target = ""] = name.split("-");
      const value = longEtAl[order.indexOf(`${letters[source]}-${letters[target]}`)];
      return form === "surf" && value !== undefined ? [[name, value / 100] as const] : [];
    }),
  ),
};

export const officeCaltechSuite: Suite = {
  name: "office-caltech",
  title: "objects of ten classes: a shop's pictures, the web, a good camera, a webcam",
  tasks,
  methods: ["dann"],
  seeds: [0, 1, 2],
  printed: [printed],
  notes: [
    "Preset modern, not tuned on these tasks. All target rows adapt without labels and are scored; a tenth of the source is held out to select epochs.",
    "SURF: rows as shares of their sum. SURF and GoogleNet are standardised by domain, source-only's rows as well.",
    linearNote,
    alignedNote,
    "GoogleNet features of Caltech cannot be had, so there are 6 of 12 pairs. D and W show the same objects.",
  ],
};
