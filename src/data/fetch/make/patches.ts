/** Crops of 28x28 from the photographs of BSDS500, the backgrounds of MNIST-M, with an index of their places. */
import { cutCrops, drawCropsOfEach, openPhotographs } from "../../build/crops.ts";
import { openDecoder } from "../../images/decoders.ts";
import { encodeIdx } from "../../writers/idx.ts";
import type { MadeFiles, SetFile } from "../set.ts";

const side = 28;

/** No checksum: the pixels depend on what decodes JPEG. */
export function makePatches(part: "train" | "val", photographs: readonly SetFile[], each: number): MadeFiles {
  const [patches, index] = [`${part}-patches-idx4-ubyte.gz`, `${part}-patches-index.csv.gz`];
  const from = photographs.map(({ path }) => path);
  return {
    files: [{ path: patches }, { path: index }],
    from,
    async make(read) {
      const files = from.map((path) => ({ id: path.replace(/^.*\/|\.jpg$/g, ""), read: () => read(path) }));
      const photos = await openPhotographs(files, side);
      const crops = drawCropsOfEach(photos, each, side, `bsds500/${part}`);
      const { rows, pixels } = await cutCrops(photos, crops, side, await openDecoder("auto"));
      const lines = crops.map(({ photo, top, left }, i) => `${i},${photos[photo]?.id},${top},${left}\n`);
      return new Map([
        [patches, encodeIdx([rows, side, side, 3], pixels)],
        [index, new TextEncoder().encode(`i,image,top,left\n${lines.join("")}`)],
      ]);
    },
  };
}
