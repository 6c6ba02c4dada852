/**
 * What is known of a public data set: its files in our layout, where each comes from, and under which terms. A checksum
 * is one of the content, with gzip undone: gzip's wrapper depends on who wrote it.
 */

/** A file in the folder of its data set. One that ends in `.gz` is kept compressed. */
export interface SetFile {
  /** With `/` inside the folder of the set. */
  readonly path: string;
  /** Of the content. Absent where it depends on the maker; what was got first is then recorded. */
  readonly bytes?: number;
  /** Of the content, in hexadecimal digits. */
  readonly sha256?: string;
  /** The only checksum that some homes publish. */
  readonly md5?: string;
}

/** A file that a public home has. */
export interface RemoteFile extends SetFile {
  /** The home, then others that have the same content. */
  readonly addresses: readonly string[];
  /** Bytes on the way, roughly, where that is not the content itself. */
  readonly transfer?: number;
}

/** What is known of a content. */
export type Known = readonly [bytes: number, sha256: string];

export const knownFile = (path: string, [bytes, sha256]: Known): SetFile => ({ path, bytes, sha256 });

/** A file of a known content that one home has. */
export const remoteFile = (path: string, known: Known, address: string): RemoteFile => ({
  ...knownFile(path, known),
  addresses: [address],
});

/** Reads the content of a file of the set by its path. */
export type ReadContent = (path: string) => Promise<Uint8Array>;

/** Files that no home has: made of others. */
export interface MadeFiles {
  readonly files: readonly SetFile[];
  /** Paths of what they are made of. */
  readonly from: readonly string[];
  /** The content of each file, by its path. */
  readonly make: (read: ReadContent) => Promise<ReadonlyMap<string, Uint8Array>>;
}

/** `open`: anybody may use it, with attribution; `research`: the authors allow research only; `unstated`: no licence. */
export type Terms = "open" | "research" | "unstated";

export interface DataSet {
  readonly name: string;
  readonly what: string;
  readonly licence: { readonly name: string; readonly terms: Terms; readonly text: string };
  /** Shown to a person who looks for the set. */
  readonly home: string;
  readonly remote: readonly RemoteFile[];
  readonly made: readonly MadeFiles[];
  /** Files that are neither to be downloaded nor made. */
  readonly byHand?: { readonly files: readonly SetFile[]; readonly why: string };
  /** The day on which every address was last seen to work; absent: never tried. */
  readonly tried?: string;
}

/** What is fetched on the way to other files, and not kept, lies in this folder. */
export const workFolder = ".downloads";
export const inWork = (name: string): string => `${workFolder}/${name}`;
export const isWork = ({ path }: SetFile): boolean => path.startsWith(`${workFolder}/`);

/** A file of a repository at a commit: what it holds can never change. */
export const onGitHub = (repository: string, commit: string, path: string): string =>
  `https://raw.githubusercontent.com/${repository}/${commit}/${path}`;

/** The files that a finished set has. */
export const layoutOf = ({ remote, made, byHand }: DataSet): SetFile[] => [
  ...remote.filter((file) => !isWork(file)),
  ...made.flatMap(({ files }) => files),
  ...(byHand?.files ?? []),
];

/** Bytes on the way of a file, roughly. */
export const transferOf = ({ transfer, bytes }: RemoteFile): number => transfer ?? bytes ?? 0;
