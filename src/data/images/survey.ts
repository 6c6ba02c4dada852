/**
 * What is in a folder of images, whatever is wrong with it: where reading for training stops with an error, a survey
 * goes on and says so. Node only.
 */
import { DannError } from "../../errors.ts";
import { type Finding, problem, warning } from "../checks/finding.ts";
import { type ImageSize, parseImageSize } from "../config.ts";
import type { Dataset } from "../dataset.ts";
import { count, list } from "../names.ts";
import { openDecoder } from "./decoders.ts";
import type { ImageHeader } from "./header.ts";
import { type Listing, listImages } from "./listing.ts";
import { type Bad, type Looked, look, refuse } from "./look.ts";
import { countSizes, datasetOf, type FolderRequest } from "./read.ts";
import { cachedRows } from "./rows.ts";

/** Of the images that can be read, as they stand upright; sizes are `HEIGHTxWIDTH`. */
export interface FolderSurvey {
  readonly sizes: {
    readonly different: number;
    /** By area. */
    readonly smallest: string;
    readonly largest: string;
    readonly commonest: { readonly size: string; readonly images: number };
  };
  readonly channels: { readonly grey: number; readonly colour: number };
  readonly formats: Readonly<Record<ImageHeader["format"], number>>;
  /** Images that EXIF says are stored on their side or upside down; they are turned. */
  readonly turned: number;
  readonly bad: readonly Bad[];
  /** The size at which the pixels were looked at. */
  readonly lookedAt: string;
}

export interface Surveyed {
  readonly dataset: Dataset;
  readonly survey: FolderSurvey;
  readonly findings: readonly Finding[];
}

/** Bytes of pixels that are looked at without a size asked for: of large photographs all are more than memory holds. */
const usualMost = 2 ** 28;

/**
 * Looks at every file, and decodes it. Without `imageSize` the pixels are looked at in the commonest size, or a smaller
 * one where that would be more than `mostBytes`.
 * @throws DannError where nothing in the folder can be read.
 */
export async function surveyFolder(folder: string, request: FolderRequest, mostBytes = usualMost): Promise<Surveyed> {
  const listing = await listImages(folder);
  const { good, bad } = await look(listing, { ...request, skipBad: true });
  const sizes = sizesOf(good);
  const colour = good.filter(({ header }) => header.channels === 3).length;
  const channels = colour > 0 ? 3 : 1;
  const natural = parseImageSize(sizes.commonest.size);
  const size =
    request.imageSize === undefined
      ? within(natural, good.length * channels, mostBytes)
      : parseImageSize(request.imageSize);
  const fit = request.imageSize === undefined && sizes.different === 1 && size === natural ? undefined : "cover";
  const decoder = await openDecoder(request.decoder ?? "auto");
  const shape = { ...size, channels, ...(fit && { fit: request.imageFit ?? fit }) } as const;
  const decoded = await cachedRows(good, shape, decoder, request.cache);
  const broken = [...bad, ...decoded.bad];
  if (decoded.rows.rows === 0) refuse(listing, broken, { ...request, skipBad: false });
  const kept = good.filter(({ id }) => !decoded.bad.some((one) => one.id === id));
  const { dataset, findings } = labelled(listing, kept, decoded.rows, [...listing.notes, ...decoded.notes], request);
  const ofFormat = (format: ImageHeader["format"]): number =>
    good.filter(({ header }) => header.format === format).length;
  const survey: FolderSurvey = {
    sizes,
    channels: { grey: good.length - colour, colour },
    formats: { jpeg: ofFormat("jpeg"), png: ofFormat("png"), webp: ofFormat("webp") },
    turned: good.filter(({ header }) => header.orientation > 1).length,
    bad: broken,
    lookedAt: `${size.height}x${size.width}`,
  };
  return { dataset, survey, findings: [...findings, ...whatIsWrong(folder, survey, request)] };
}

function sizesOf(files: readonly Looked[]): FolderSurvey["sizes"] {
  const area = (size: string): number => {
    const { height, width } = parseImageSize(size);
    return height * width;
  };
  const found = [...countSizes(files)];
  const byArea = found.map(([size]) => size).sort((a, b) => area(a) - area(b));
  const [size = "", images = 0] = found.sort(([, a], [, b]) => b - a)[0] ?? [];
  return {
    different: found.length,
    smallest: byArea[0] ?? size,
    largest: byArea.at(-1) ?? size,
    commonest: { size, images },
  };
}

/** The size itself where so many planes of it are not too much; else one of its proportions. */
function within(size: ImageSize, planes: number, mostBytes: number): ImageSize {
  const share = mostBytes / (planes * size.height * size.width);
  if (share >= 1) return size;
  const shrunk = (side: number): number => Math.max(1, Math.floor(side * Math.sqrt(share)));
  return { height: shrunk(size.height), width: shrunk(size.width) };
}

/** With labels as far as there are some; what is wrong with them is a finding. */
function labelled(
  listing: Listing,
  files: readonly Looked[],
  rows: Parameters<typeof datasetOf>[2],
  notes: readonly string[],
  request: FolderRequest,
): { dataset: Dataset; findings: readonly Finding[] } {
  try {
    return { dataset: datasetOf(listing, files, rows, notes, request), findings: [] };
  } catch (cause) {
    if (!(cause instanceof DannError)) throw cause;
    const dataset = datasetOf(listing, files, rows, notes, { ...request, labels: "none" });
    return { dataset, findings: [problem(cause.code, cause.message, cause.remedy)] };
  }
}

function whatIsWrong(
  folder: string,
  { bad, sizes, channels, lookedAt }: FolderSurvey,
  { skipBad, imageSize }: FolderRequest,
): Finding[] {
  const findings: Finding[] = [];
  if (bad.length > 0) {
    const said = `${folder}: ${count(bad.length, "file")} cannot be read: ${list(
      bad.map(({ id, reason }) => `${id} (${reason})`),
      20,
    )}`;
    findings.push(
      skipBad === true
        ? warning("bad-images", said)
        : problem("bad-images", said, "Replace or remove them, or pass --skip-bad to leave them out."),
    );
  }
  if (imageSize !== undefined) return findings;
  const { commonest, different } = sizes;
  const images = channels.grey + channels.colour;
  if (different > 1)
    findings.push(
      problem(
        "image-size",
        `${folder}: expected images of one size, got ${different}, the commonest ${commonest.size} (${commonest.images} of ${images})`,
        `Pass --image-size ${commonest.size} (or another HEIGHTxWIDTH) to resize them.`,
      ),
    );
  if (lookedAt !== commonest.size) {
    const { height, width } = parseImageSize(commonest.size);
    const bytes = images * height * width * (channels.colour > 0 ? 3 : 1);
    findings.push(
      warning(
        "large-images",
        `${folder}: ${count(images, "image")} of ${commonest.size} would take ${(bytes / 1e9).toFixed(1)} GB; their pixels were looked at as ${lookedAt}`,
        "Pass --image-size, here and in training.",
      ),
    );
  }
  return findings;
}
