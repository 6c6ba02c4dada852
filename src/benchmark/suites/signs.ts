/** Traffic signs: the paper's task, for whoever has its synthetic signs, and one within GTSRB: from afar to close by. */
import type { AdaptData } from "../../adapt/prepare.ts";
import type { Dataset } from "../../data/dataset.ts";
import { nodeModules } from "../../data/files.ts";
import { readDataset } from "../../data/read.ts";
import { selectDataset } from "../../data/select.ts";
import { dataError } from "../../errors.ts";
import { random } from "../../random.ts";
import type { DataSets, Suite, Task } from "../suite.ts";
import { readParts } from "./parts.ts";
import { printedFor } from "./printed.ts";

/** GTSRB films a sign ("track") while the car drives up to it. */
const frames = { far: ["0", "6"], near: ["24", "29"] } as const;

interface Signs {
  readonly images: Dataset;
  readonly tracks: readonly string[];
  readonly frames: readonly string[];
}

async function readSigns(sets: DataSets): Promise<Signs> {
  const { join } = nodeModules().path;
  const folder = await sets.folder("gtsrb");
  const at = (name: string): string => join(folder, name);
  const images = await readDataset(at("images-idx4-ubyte.gz"), { labels: at("labels-idx1-ubyte.gz") });
  const index = await readDataset(at("index.csv.gz"), { id: "i", labels: "frame", group: "track" });
  const { groups: tracks = [], labels: numbers = [] } = index;
  if (tracks.length !== images.rows.rows)
    throw dataError(
      "gtsrb",
      `${folder}: expected a line of index.csv an image, got ${tracks.length} of ${images.rows.rows}`,
    );
  // Tracks are numbered anew in each class.
  return {
    images,
    tracks: tracks.map((track, row) => `${images.labels?.[row]}/${track}`),
    frames: numbers.map(String),
  };
}

/** A third of the tracks of each class, at least one where there are two: never seen in training, by either domain. */
export function testTracks(classes: readonly (string | undefined)[], tracks: readonly string[]): Set<string> {
  const byClass = new Map<string, Set<string>>();
  tracks.forEach((track, row) => {
    const name = classes[row] ?? "";
    byClass.set(name, (byClass.get(name) ?? new Set()).add(track));
  });
  const chance = random("gtsrb").split("tracks");
  const chosen = [...byClass].flatMap(([name, own]) => {
    const wanted = Math.min(Math.max(1, Math.round(own.size / 3)), own.size - 1);
    return chance
      .split(name)
      .shuffle([...own])
      .slice(0, wanted);
  });
  return new Set(chosen);
}

async function farToNear(sets: DataSets): Promise<AdaptData> {
  const { images, tracks, frames: numbers } = await readSigns(sets);
  const test = testTracks(images.labels ?? [], tracks);
  const pick = (of: readonly string[], held: boolean): Dataset =>
    selectDataset(
      images,
      tracks.flatMap((track, row) => (of.includes(numbers[row] ?? "") && test.has(track) === held ? [row] : [])),
    );
  return {
    source: pick(frames.far, false),
    sourceTest: pick(frames.far, true),
    target: pick(frames.near, false),
    targetTest: pick(frames.near, true),
  };
}

async function synthetic(sets: DataSets): Promise<AdaptData> {
  const images = { imageSize: "32x32" };
  const source = await readParts(await sets.folder("syn-signs"), images);
  const signs = await readSigns(sets);
  const test = testTracks(signs.images.labels ?? [], signs.tracks);
  const pick = (held: boolean): Dataset =>
    selectDataset(
      signs.images,
      signs.tracks.flatMap((track, row) => (test.has(track) === held ? [row] : [])),
    );
  return { source: source.train, sourceTest: source.test, target: pick(false), targetTest: pick(true) };
}

const tasks: readonly Task[] = [
  {
    name: "gtsrb-far-near",
    title: "GTSRB far -> near",
    needs: ["gtsrb"],
    load: farToNear,
    // About 33 epochs of the source.
    config: { network: { name: "compact" }, train: { steps: 600 } },
    seconds: 500,
  },
  {
    name: "synsigns-gtsrb",
    title: "SYN SIGNS -> GTSRB",
    needs: ["syn-signs", "gtsrb"],
    load: synthetic,
    config: {
      network: { name: "compact" },
      train: { steps: 3000 },
      data: { preprocess: { imageSize: "32x32" } },
    },
    seconds: 1000,
  },
];

export const signsSuite: Suite = {
  name: "signs",
  title: "traffic signs, far to near and synthetic to real",
  tasks,
  methods: ["dann"],
  seeds: [0, 1, 2],
  printed: printedFor(tasks.map(({ name }) => name)),
  notes: [
    "Preset modern with network compact, not tuned on these tasks.",
    "GTSRB is split by track: a seeded third of the tracks of each class is held for testing, the same for every seed; far: frames 0 and 6, near: frames 24 and 29.",
  ],
};
