import { describe, expect, it } from "vitest";
import { close, image, through } from "../../../test/support/preprocess.ts";
import { topologicalOrder } from "../../graph/graph.ts";
import { input } from "../../graph/index.ts";
import { optimise } from "../../graph/passes.ts";
import { type ImageOptions, normalisations } from "../image-config.ts";
import { fitPreprocess, type PreprocessSpec, preprocess, preprocessSpec, rawInputs } from "../preprocess.ts";
import { describePixels } from "./image.ts";

const grey = image(1, 1, 2, 0, 255, 51, 102);
const rgb = image(3, 1, 2, 255, 0, 51, 204, 0, 153);
const spec = (images: ImageOptions, rows = rgb, other = rows): Extract<PreprocessSpec, { kind: "image" }> =>
  fitPreprocess(rows, other, { images }) as Extract<PreprocessSpec, { kind: "image" }>;

describe("normalisation", () => {
  it.each(["imagenet", "clip"] as const)("%s: the published mean and deviation, on pixel/255", (name) => {
    // As torchvision's and OpenAI's own code has them, written out again.
    const [mean, std] = {
      imagenet: [
        [0.485, 0.456, 0.406],
        [0.229, 0.224, 0.225],
      ],
      clip: [
        [0.48145466, 0.4578275, 0.40821073],
        [0.26862954, 0.26130258, 0.27577711],
      ],
    }[name] as [number[], number[]];
    const z = (pixel: number, channel: number): number => (pixel / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
    const expected = [[z(255, 0), z(204, 0), z(0, 1), z(0, 1), z(51, 2), z(153, 2)]];
    close(through(spec({ normalise: name }), rgb, "source"), expected);
    close(through(spec({ normalise: name }), rgb, "target"), expected);
    const { mean: m, std: s } = normalisations[name];
    close(through(spec({ mean: [...m], std: [...s] }), rgb, "source"), expected);
  });

  it("none: pixels from 0 to 1, in both domains", () => {
    close(through(spec({ normalise: "none" }), rgb, "target"), [[1, 0.8, 0, 0, 0.2, 0.6]]);
  });

  it("takes one number for all channels, or three; a deviation alone divides what is centred", () => {
    close(through(spec({ mean: 0.2, std: [0.5] }), rgb, "source"), [[1.6, 1.2, -0.4, -0.4, 0, 0.8]]);
    close(through(spec({ mean: 0.2 }, grey), grey, "source").slice(0, 1), [[-0.2, 0.8]]);
    close(through(spec({ std: 0.5, centre: "source" }), rgb, "source"), [[0.2, -0.2, 0, 0, -0.4, 0.4]]);
  });

  it("is of three channels: grey images are repeated, where the other domain or an option says so", () => {
    expect(() => spec({ normalise: "imagenet" }, grey)).toThrow(
      "normalise imagenet: expected one number for grey images, got 3",
    );
    expect(() => spec({ mean: [0.1, 0.2, 0.3] }, grey)).toThrow("mean: expected one number for grey images, got 3");
    const wide = spec({ mean: [0, 0.2, 0.4], channels: 3 }, grey);
    expect(rawInputs(wide, 1)).toEqual({ image: { dtype: "uint8", shape: [1, 1, 2, 3] } });
    close(through(wide, image(1, 1, 2, 0, 255), "target"), [[0, 1, -0.2, 0.8, -0.4, 0.6]]);
    const mixed = through(spec({ normalise: "imagenet" }, grey, rgb), rgb, "target");
    close(mixed, through(spec({ normalise: "imagenet" }), rgb, "source"));
  });

  it.each([
    [{ normalise: "imagenet", mean: 0.5 }, "expected normalise without mean"],
    [{ normalise: "none", centre: "source" }, "expected normalise without centre"],
    [{ normalise: "clip", scale: 1 }, "expected normalise without scale"],
    [{ mean: 0.5, centre: "perDomain" }, "expected mean without centre"],
    [{ std: 0.5, scale: 1 }, "expected std without scale"],
    [{ mean: [0.1, 0.2] }, "expected one number, or three"],
    [{ std: 0 }, ">0"],
    [{ normalise: "imagnet" }, "imagenet"],
  ])("%j is refused", (images, message) => {
    expect(() => spec(images as ImageOptions)).toThrow(message);
  });

  it("costs the graph no pass more than centring does", () => {
    const passes = (images: ImageOptions): number => {
      const of = spec(images);
      const raw = Object.fromEntries(
        Object.entries(rawInputs(of, "N")).map(([name, type]) => [name, input(name, type)]),
      );
      return topologicalOrder(
        Object.values(optimise({ name: "t", outputs: { x: preprocess(of, raw, "source") } }).outputs),
      ).filter(({ op }) => op !== "Constant" && op !== "Input").length;
    };
    expect(passes({ normalise: "imagenet" })).toBe(passes({}));
    expect(passes({ normalise: "none" })).toBe(passes({}) - 1);
  });

  it("is saved with the model, and what was saved before it still loads", () => {
    const made = spec({ normalise: "imagenet" });
    expect(preprocessSpec.parse(JSON.parse(JSON.stringify(made)))).toEqual(made);
    const { deviation: _, ...before } = made;
    expect(preprocessSpec.parse(before)).toEqual(before);
    expect("deviation" in spec({})).toBe(false);
  });

  it("is said in words", () => {
    expect(describePixels(spec({ normalise: "imagenet" }))).toBe(
      "pixels/255, less 0.485 0.456 0.406, divided by 0.229 0.224 0.225",
    );
    expect(describePixels(spec({ normalise: "none" }))).toBe("pixels/255");
    expect(describePixels(spec({}, grey))).toBe("pixels/255, less the mean of each domain (0.4; 0.4)");
    expect(describePixels(spec({ centre: "source", std: 0.5 }, grey))).toBe(
      "pixels/255, less the source's mean (0.4), divided by 0.5",
    );
    expect(describePixels(spec({ centre: "none", scale: 1 }))).toBe("pixels");
  });
});
