/**
 * Where each image goes in a folder: CLASS/GROUP/NAME.png, as far as there are classes and groups. Names come from
 * files that somebody else wrote, so each part of a path is checked.
 */
import { dataError } from "../../errors.ts";
import { count, list } from "../names.ts";

export interface ImageRecord {
  /** Row of the pixels. */
  readonly row: number;
  /** A name or a path; of rows that have none their number, in as many digits as the last one has. */
  readonly id: string;
  readonly label?: string | undefined;
  /** May be a path. */
  readonly group?: string | undefined;
}

/** Digits that make names sort as numbers do. */
export const rowName = (row: number, rows: number): string =>
  String(row).padStart(String(Math.max(0, rows - 1)).length, "0");

/** Paths with `/` between, one a record. */
export function placesOf(records: readonly ImageRecord[], origin: string): string[] {
  refuseAlike([...new Set(records.flatMap(({ label }) => (label === undefined ? [] : [label])))]);
  const bare = records.map(placeOf);
  // What differs in the ending alone keeps it: `a.jpg` and `a.png`.
  const stems = new Map<string, number>();
  for (const place of bare) stems.set(stemOf(place), (stems.get(stemOf(place)) ?? 0) + 1);
  const places = bare.map(
    (place) => `${(stems.get(stemOf(place)) ?? 0) > 1 ? place.replace(/\.png$/i, "") : stemOf(place)}.png`,
  );
  const taken = new Map<string, number>();
  places.forEach((place, at) => {
    for (const segment of place.split("/")) requireSegment(segment, place, origin);
    const before = taken.get(place.toLowerCase());
    if (before !== undefined)
      throw dataError(
        "repeated-name",
        `${origin}: expected every image to have its own name, got "${place}" for the rows ${records[before]?.row} and ${records[at]?.row}`,
        "Name a column of different values with --id, or leave it out.",
      );
    taken.set(place.toLowerCase(), at);
  });
  return places;
}

const stemOf = (place: string): string => place.replace(/\.(png|jpe?g|webp)$/i, "");

/** Ids and groups that came out of a folder of classes hold their class already. */
function placeOf({ id, label, group }: ImageRecord): string {
  if (label !== undefined && id.startsWith(`${label}/`)) return id;
  const within = (place: string, folder: string | undefined): string =>
    folder === undefined || folder === "" ? place : `${folder}/${place}`;
  if (group === undefined) return within(id, label);
  if (id.startsWith(`${group}/`)) return within(id, label);
  const held = label !== undefined && group.startsWith(`${label}/`);
  return within(within(id, group), held ? undefined : label);
}

const control = /[\p{Cc}\\]/u;
const reserved = /[:*?"<>|]/;

/** Names that stay inside the folder, that the file system keeps as they are, and that the reader of folders sees. */
function requireSegment(segment: string, place: string, origin: string): void {
  const reason =
    segment === ""
      ? "is empty"
      : segment.startsWith(".") || segment === "__MACOSX"
        ? "is hidden"
        : control.test(segment) || (process.platform === "win32" && reserved.test(segment))
          ? "has characters that names of files may not have"
          : /[. ]$/.test(segment)
            ? "ends in a dot or a blank"
            : new TextEncoder().encode(segment).length > 255
              ? "is longer than 255 bytes"
              : undefined;
  if (reason === undefined) return;
  throw dataError(
    "file-name",
    `${origin}: expected labels, groups and ids that can be names of files, but in ${JSON.stringify(place.slice(0, 200))} ${JSON.stringify(segment.slice(0, 80))} ${reason}`,
    "Change it in the file that it comes from; numbered classes get names with --classes.",
  );
}

/** Some systems keep `Cat` and `cat` in one folder. */
function refuseAlike(labels: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const label of labels) {
    const key = label.normalize("NFC").toLowerCase();
    const other = seen.get(key);
    if (other !== undefined)
      throw dataError(
        "classes-alike",
        `expected classes that differ by more than case, got "${other}" and "${label}"`,
        "On some systems they are one folder: rename one of them.",
      );
    seen.set(key, label);
  }
}

/** What is lost when groups become folders inside classes: a group of several classes is then several groups. */
export function splitGroups(records: readonly ImageRecord[]): string[] {
  const classes = new Map<string, Set<string>>();
  for (const { label, group } of records) {
    if (label === undefined || group === undefined) continue;
    classes.set(group, (classes.get(group) ?? new Set()).add(label));
  }
  const several = [...classes].filter(([, labels]) => labels.size > 1).map(([group]) => group);
  if (several.length === 0) return [];
  return [
    `${count(several.length, "group")} with images of several classes (${list(several, 4)}): the folder has one of each class, and reading it with --group folder may split them`,
  ];
}
