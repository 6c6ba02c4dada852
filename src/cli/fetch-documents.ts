/** The documents of `dann data fetch --json`. Their JSON Schemas are in `schemas/`. */
import * as z from "zod";

const count = z.int().nonnegative();

export const fetchDocument = z.object({
  schema: z.literal(1),
  sets: z.array(
    z.object({
      name: z.string(),
      folder: z.string(),
      licence: z.string(),
      files: z.array(
        z.object({
          path: z.string().describe("inside the folder"),
          state: z.enum(["present", "downloaded", "copied", "made"]).describe("how it came"),
          bytes: count.describe("of the content, with gzip undone"),
          sha256: z.string().describe("of the content, with gzip undone"),
          published: z.boolean().describe("whether it was compared with a known checksum; else it is what came first"),
        }),
      ),
      absent: z.array(z.string()).describe("files that can only be had by hand, and were not"),
    }),
  ),
});
export type FetchDocument = z.output<typeof fetchDocument>;

export const fetchListDocument = z.object({
  schema: z.literal(1),
  folder: z.string().describe("where data sets lie side by side"),
  sets: z.array(
    z.object({
      name: z.string(),
      what: z.string(),
      home: z.string().describe("for people"),
      licence: z.object({
        name: z.string(),
        terms: z.enum(["open", "research", "unstated"]),
        text: z.string(),
      }),
      present: count.describe("files that are in the folder"),
      download: count.describe("bytes on the way, roughly"),
      tried: z.string().nullable().describe("day on which the addresses were last seen to work; null: never tried"),
      files: z.array(z.object({ path: z.string(), bytes: count.nullable(), sha256: z.string().nullable() })),
      addresses: z.array(z.string()),
      byHand: z.object({ files: z.array(z.string()), why: z.string() }).nullable(),
    }),
  ),
});
export type FetchListDocument = z.output<typeof fetchListDocument>;
