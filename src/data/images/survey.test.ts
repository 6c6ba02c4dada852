import { describe, expect, it } from "vitest";
import { place } from "../../../test/support/image-arrays.ts";
import { jpg, png, pngData, pngHead, pngOf, turned } from "../../../test/support/images.ts";
import { surveyFolder } from "./survey.ts";

const codes = (findings: readonly { code: string; level: string }[]): string[] =>
  findings.map(({ code, level }) => `${level} ${code}`);

describe("a survey of a folder", () => {
  it("goes on where reading stops: sizes, colours, formats, bad files", async () => {
    const broken = png(9, 9, 3);
    broken[45] = (broken[45] ?? 0) ^ 0xff;
    const folder = place({
      "a/1.png": png(8, 8, 1),
      "a/2.png": png(8, 8, 3),
      "a/3.jpg": turned(jpg(16, 32), 6),
      "b/4.png": png(4, 30, 3),
      "b/5.png": png(8, 8, 3).subarray(0, 60),
      "b/6.png": broken,
      "b/7.txt": "x",
    });
    const { dataset, survey, findings } = await surveyFolder(folder, { cache: false });
    expect(survey).toEqual({
      // The one that cannot be decoded has a size.
      sizes: { different: 4, smallest: "8x8", largest: "32x16", commonest: { size: "8x8", images: 2 } },
      channels: { grey: 1, colour: 4 },
      formats: { jpeg: 1, png: 4, webp: 0 },
      turned: 1,
      bad: [
        { id: "b/5.png", reason: "it ends early" },
        { id: "b/6.png", reason: expect.any(String) },
      ],
      lookedAt: "8x8",
    });
    expect(dataset.rows).toMatchObject({ rows: 4, height: 8, width: 8, channels: 3 });
    expect(dataset.labels).toEqual(["a", "a", "a", "b"]);
    expect(codes(findings)).toEqual(["error bad-images", "error image-size"]);
    expect(findings[1]?.message).toBe(`${folder}: expected images of one size, got 4, the commonest 8x8 (2 of 5)`);
    const asked = await surveyFolder(folder, { cache: false, imageSize: "6x5", skipBad: true });
    expect(codes(asked.findings)).toEqual(["warning bad-images"]);
    expect(asked.survey.lookedAt).toBe("6x5");
    expect(asked.dataset.rows).toMatchObject({ height: 6, width: 5 });
  });

  it("says what is wrong with the classes, and takes none", async () => {
    const hollow = await surveyFolder(place({ "a/1.png": png(2, 2, 1), "b/x.txt": "x" }), { cache: false });
    expect(codes(hollow.findings)).toEqual(["error empty-class"]);
    expect(hollow.dataset.labels).toBeUndefined();
    const loose = await surveyFolder(place({ "a/1.png": png(2, 2, 1), "2.png": png(2, 2, 1) }), {
      cache: false,
      labels: "folder",
    });
    expect(codes(loose.findings)).toEqual(["error no-classes"]);
    const good = await surveyFolder(place({ "a/1.png": png(2, 2, 1), "b/2.png": png(2, 2, 1) }), { cache: false });
    expect([good.findings, good.dataset.labels]).toEqual([[], ["a", "b"]]);
  });

  it("of large photographs looks at smaller ones", async () => {
    const folder = place({ "a/1.png": png(40, 20, 3), "a/2.png": png(40, 20, 3), "b/3.png": png(40, 20, 3) });
    const { dataset, survey, findings } = await surveyFolder(folder, { cache: false }, 1800);
    expect(survey).toMatchObject({ sizes: { commonest: { size: "40x20", images: 3 } }, lookedAt: "20x10" });
    expect(codes(findings)).toEqual(["warning large-images"]);
    expect(findings[0]?.message).toContain("3 images of 40x20 would take 0.0 GB; their pixels were looked at as 20x10");
    expect(dataset.rows).toMatchObject({ rows: 3, height: 20, width: 10, channels: 3 });
    expect((await surveyFolder(folder, { cache: false })).survey.lookedAt).toBe("40x20");
  });

  it("of nothing that can be read is an error", async () => {
    const bad = place({ "a/1.png": png(8, 8, 3).subarray(0, 60) });
    await expect(surveyFolder(bad, { cache: false, skipBad: true })).rejects.toMatchObject({ code: "bad-images" });
    const empty = place({ "a/1.png": pngOf(pngHead(8, 8), pngData(new Uint8Array(10))) });
    await expect(surveyFolder(empty, { cache: false })).rejects.toMatchObject({ code: "bad-images" });
    await expect(surveyFolder(place(), { cache: false })).rejects.toMatchObject({ code: "no-images" });
  });
});
