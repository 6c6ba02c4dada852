import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { place } from "../../../test/support/image-arrays.ts";
import { smooth } from "../../../test/support/images.ts";
import { writeFolder } from "../convert/write-folder.ts";
import type { ImageRows } from "../dataset.ts";
import { openEncoder } from "./encoders.ts";
import { imageHeader } from "./header.ts";
import { readImages } from "./read.ts";
import { sideBySide } from "./side-by-side.ts";

describe("encoders", () => {
  it("give the same pixels, grey as grey, and equal bytes for equal pixels", async () => {
    const images: ImageRows = { kind: "image", rows: 2, height: 9, width: 11, channels: 1, pixels: smooth(18, 11, 1) };
    for (const name of ["auto", "javascript"] as const) {
      const encoder = await openEncoder(name);
      for (const channels of [1, 3] as const) {
        const picture = { height: 9, width: 11, channels, pixels: smooth(9, 11, channels) };
        const file = await encoder.encode(picture);
        expect(imageHeader(file)).toMatchObject({ format: "png", height: 9, width: 11, channels });
        expect(await encoder.encode(picture)).toEqual(file);
      }
      const out = join(place(), "out");
      await writeFolder(out, images, [{ row: 1, id: "x" }], ["x.png"], { encoder });
      const read = await readImages(out, { cache: false });
      expect((read.rows as ImageRows).pixels).toEqual(Uint8Array.from(images.pixels.subarray(99)));
    }
  });

  it("hold few images at once, and begin none after a failure", async () => {
    let [under, most, begun] = [0, 0, 0];
    const work = async (item: number): Promise<number> => {
      begun++;
      most = Math.max(most, ++under);
      await new Promise((done) => setTimeout(done, 1));
      under--;
      if (item === 10) throw new Error("ten");
      return item;
    };
    const items = Array.from({ length: 60 }, (_, i) => i);
    await expect(sideBySide(items, 3, work)).rejects.toThrow("ten");
    expect(under).toBe(0);
    expect(begun).toBeLessThan(14);
    expect(most).toBe(3);
  });
});
