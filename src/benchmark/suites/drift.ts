/** Sensors that drift, and rooms that differ: numbers and signals instead of images. */
import type { AdaptData } from "../../adapt/prepare.ts";
import type { Dataset } from "../../data/dataset.ts";
import { nodeModules } from "../../data/files.ts";
import { likeFirst, readDataset } from "../../data/read.ts";
import { sharedFloat32 } from "../../data/shared-memory.ts";
import { dataError } from "../../errors.ts";
import type { DataSets, Suite, Task } from "../suite.ts";
import { alignedNeighbours, alignedNote } from "./aligned-neighbours.ts";
import { linearBySource, linearNote } from "./linear-baselines.ts";

const batches = [2, 3, 4, 5, 6, 8, 9] as const;

/** Gas, its concentration (left out: it is not known where the gas is not), 128 features. */
const gas =
  (batch: number): Task["load"] =>
  async (sets) => {
    const folder = await sets.folder("gas-sensor-drift");
    const file = (number: number): string => nodeModules().path.join(folder, `batch${number}.dat.gz`);
    const options = { labels: "0", drop: ["c1"], format: "csv", header: "no" } as const;
    const source = await readDataset(file(1), options);
    return { source, target: await readDataset(file(batch), likeFirst(source, options)) };
  };

/** Sequences of 19 to 129 samples become signals of this length: stretched, so that beginning and end stay in place. */
const samples = 64;
const strengths = ["rss1", "rss2", "rss3", "rss4"] as const;

async function rooms(sets: DataSets): Promise<AdaptData> {
  const file = nodeModules().path.join(await sets.folder("indoor-movement"), "indoor-movement.csv.gz");
  const table = await readDataset(file, { labels: "label", group: "sequence" });
  const { labels = [], groups = [] } = table;
  const places = columnOf(table, "group");
  const signals = strengths.map((name) => columnOf(table, name));
  const sequences = new Map<string, number[]>();
  groups.forEach((sequence, row) => {
    const rows = sequences.get(sequence);
    if (rows === undefined) sequences.set(sequence, [row]);
    else rows.push(row);
  });
  const from = (wanted: readonly number[], name: string): Dataset => {
    const chosen = [...sequences.values()].filter(([first = 0]) => wanted.includes(places[first] ?? 0));
    const values = sharedFloat32(chosen.length * strengths.length * samples);
    chosen.forEach((rows, i) => {
      signals.forEach((signal, channel) => {
        const own = rows.map((row) => signal[row] ?? 0);
        values.set(stretched(own, samples), (i * strengths.length + channel) * samples);
      });
    });
    return {
      origin: `${file} (${name})`,
      rows: {
        kind: "signal",
        rows: chosen.length,
        channels: strengths.length,
        length: samples,
        values,
        names: strengths,
      },
      labels: chosen.map(([first = 0]) => labels[first]),
    };
  };
  return { source: from([1, 2], "groups 1 and 2"), target: from([3], "group 3") };
}

function columnOf({ rows, origin }: Dataset, name: string): Float64Array {
  const column = rows.kind === "table" ? rows.columns.find((one) => one.name === name) : undefined;
  if (column?.kind === "number") return column.values;
  throw dataError("indoor-movement", `${origin}: expected a column ${name} of numbers`);
}

/** Linear interpolation at evenly spaced places, both ends included. */
export function stretched(values: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, i) => {
    const at = (i * (values.length - 1)) / (length - 1);
    const left = Math.floor(at);
    const [a = 0, b = a] = [values[left], values[left + 1]];
    return a + (at - left) * (b - a);
  });
}

const tasks: readonly Task[] = [
  ...batches.map(
    (batch): Task => ({
      name: `gas-${batch}`,
      title: `gas 1 -> ${batch}`,
      group: "gas",
      needs: ["gas-sensor-drift"],
      load: gas(batch),
      config: { train: { steps: 1000 } },
      seconds: 10,
      baselines: [...linearBySource, ...alignedNeighbours],
    }),
  ),
  {
    name: "indoor-movement",
    title: "rooms 1, 2 -> 3",
    group: "rooms",
    needs: ["indoor-movement"],
    load: rooms,
    config: { train: { steps: 1000 } },
    seconds: 60,
  },
];

export const driftSuite: Suite = {
  name: "drift",
  title: "gas sensors that age over 36 months; movement told from radio signals in other rooms",
  tasks,
  methods: ["dann"],
  seeds: [0, 1, 2],
  printed: [],
  notes: [
    "Preset modern, not tuned on these tasks. All target rows adapt without labels and are scored; a tenth of the source is held out to select epochs.",
    "Gas: batch 1 to batch k, the concentration is left out; batches 7 and 10 cannot be had; batches 3, 4 and 5 lack one of the six gases.",
    linearNote,
    alignedNote,
    "Rooms: sequences of 19 to 129 samples, stretched to 64.",
  ],
};
