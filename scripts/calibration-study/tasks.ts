/** Small adaptations of different kinds, whose target labels are known and only score. */
import { join } from "node:path";
import type { AdaptData } from "../../src/adapt/prepare.ts";
import { likeFirst, readDataset } from "../../src/data/read.ts";
import { moons } from "../../src/data/synthetic/moons.ts";

export interface StudyTask {
  readonly name: string;
  readonly steps: number;
  readonly imageSize?: string;
  load(seed: number): Promise<AdaptData>;
}

/** `data` holds the sets as `dann data fetch` names them. */
export function studyTasks(data: string): StudyTask[] {
  const surf = (from: string, to: string): StudyTask => {
    const file = (domain: string, kind: string): string =>
      join(data, "office-caltech10/surf", `${domain}-${kind}-ubyte.gz`);
    const read = (domain: string) =>
      readDataset(file(domain, "features-idx2"), { labels: file(domain, "labels-idx1"), layout: "rows" });
    return {
      name: `SURF ${from} -> ${to}`,
      steps: 400,
      load: async () => ({ source: await read(from), target: await read(to) }),
    };
  };
  return [
    { name: "moons, 300 rows", steps: 400, load: async (seed) => moons({ rows: 300, rotation: 35, noise: 0.2, seed }) },
    {
      name: "moons, 2,000 rows",
      steps: 400,
      load: async (seed) => moons({ rows: 2000, rotation: 35, noise: 0.2, seed }),
    },
    surf("caltech10", "amazon"),
    surf("amazon", "webcam"),
    {
      name: "gas sensors, batch 1 -> 2",
      steps: 400,
      async load() {
        const file = (batch: number): string => join(data, "gas-sensor-drift", `batch${batch}.dat.gz`);
        const options = { labels: "0", drop: ["c1"], format: "csv", header: "no" } as const;
        const source = await readDataset(file(1), options);
        return { source, target: await readDataset(file(2), likeFirst(source, options)) };
      },
    },
    {
      name: "USPS -> MNIST (test files)",
      steps: 200,
      imageSize: "16x16",
      async load() {
        const read = (folder: string, part: string) =>
          readDataset(join(data, folder, `${part}-images-idx3-ubyte.gz`), {
            labels: join(data, folder, `${part}-labels-idx1-ubyte.gz`),
          });
        return { source: await read("usps", "test"), target: await read("mnist", "t10k") };
      },
    },
  ];
}
