/** Finds data sets: in a folder that the user names, then in the cache, where `dann data fetch` puts them. */
import { cacheFolder } from "../data/cache.ts";
import { nodeModules } from "../data/files.ts";
import { DannError, dataError } from "../errors.ts";
import type { DataSets, Task } from "./suite.ts";

/** As plain data: it goes to workers. */
export interface DataPlaces {
  /** `<cache>/data/NAME`; undefined: the platform's place for caches, false: none. */
  readonly cache?: string | false | undefined;
  /** A folder with a sub-folder a set. */
  readonly data?: string | undefined;
}

export function dataSets({ cache, data }: DataPlaces): DataSets {
  const { join } = nodeModules().path;
  const root = cacheFolder(cache);
  const kept = (set: string): string | undefined => (root === undefined ? undefined : join(root, "data", set));
  return {
    async folder(set) {
      const places = [data === undefined ? undefined : join(data, set), kept(set)].filter(
        (place) => place !== undefined,
      );
      for (const place of places) if (await hasFiles(place)) return place;
      throw missingSet(set, places);
    },
  };
}

/** What begins with a dot is of a fetch that was refused or not finished, or of the system. */
async function hasFiles(folder: string): Promise<boolean> {
  const names = await nodeModules()
    .fs.readdir(folder)
    .catch((): string[] => []);
  return names.some((name) => !name.startsWith("."));
}

const missingSet = (set: string, places: readonly string[]): DannError =>
  dataError(
    "missing-set",
    `data set ${set}: expected its folder ${places.length === 0 ? "in a cache or a folder of data" : places.join(" or ")}, got nothing`,
    `Get it by: ${fetchCommand(set)}, or name the folder that holds ${set}/ with --data.`,
  );

export const fetchCommand = (set: string): string => `dann data fetch ${set}`;

/** The sets of a task that are not there. */
export async function missingSets({ needs }: Task, sets: DataSets): Promise<string[]> {
  const missing: string[] = [];
  for (const set of needs) {
    try {
      await sets.folder(set);
    } catch (cause) {
      if (!(cause instanceof DannError) || cause.code !== "missing-set") throw cause;
      missing.push(set);
    }
  }
  return missing;
}
