import { describe, expect, it } from "vitest";
import type { TensorType } from "../graph/tensor.ts";
import type { ModelInfo } from "../onnx/read.ts";
import { backboneInput, inputHint, preprocessOf } from "./backbone-input.ts";

const info = (inputs: Record<string, TensorType>, metadata: Record<string, string> = {}): ModelInfo => ({
  ...{ producer: "", opset: 17, metadata, inputs, outputs: {}, operators: {} },
});
const floats = (...shape: (number | string)[]): ModelInfo => info({ x: { dtype: "float32", shape } });
const bytes = (...shape: (number | string)[]): ModelInfo => info({ x: { dtype: "uint8", shape } });
const ours = { "dann.schema": "1" };

describe("a backbone of", () => {
  it("colour images: repeated grey, ImageNet's moments, the file's size", () => {
    const input = backboneInput(floats("N", 3, 224, 192));
    expect(input).toEqual({ kind: "images", channels: 3, size: "224x192" });
    expect(preprocessOf(input, {}, "m")).toEqual({
      imageSize: "224x192",
      images: { channels: 3, normalise: "imagenet" },
    });
    expect(preprocessOf(input, { imageSize: "64x64" }, "m").imageSize).toBe("64x64");
    expect(preprocessOf(backboneInput(floats("N", 3, "H", "W")), {}, "m").imageSize).toBeUndefined();
  });

  it.each([{ normalise: "clip" }, { mean: 0.5 }, { std: 0.5 }, { centre: "perDomain" }, { scale: 1 }] as const)(
    "colour images, %j asked for: that and nothing else",
    (images) => {
      expect(preprocessOf(backboneInput(floats("N", 3, "H", "W")), { images }, "m")).toEqual({
        images: { channels: 3, ...images },
      });
    },
  );

  it("grey images: as without a backbone", () => {
    expect(preprocessOf(backboneInput(floats("N", 1, 28, 28)), {}, "m")).toEqual({ imageSize: "28x28", images: {} });
  });

  it("bytes: raw pixels, and nothing on top of them", () => {
    const input = backboneInput(bytes("N", 20, 24, 3));
    expect(input).toEqual({ kind: "pixels", channels: 3, size: "20x24" });
    expect(preprocessOf(input, {}, "m")).toEqual({
      imageSize: "20x24",
      images: { channels: 3, scale: 1, centre: "none" },
    });
    expect(() => preprocessOf(input, { images: { normalise: "imagenet" } }, "m.onnx")).toThrow(
      "m.onnx: takes pixels as they are (uint8) and normalises by itself, got preprocess.images.normalise as well",
    );
  });

  it("rows: what was asked for, and raw ones for a model of ours", () => {
    expect(preprocessOf(backboneInput(floats("N", 5)), { counts: "l2" }, "m")).toEqual({ counts: "l2" });
    expect(
      preprocessOf(backboneInput(info({ numeric: { dtype: "float32", shape: ["N", 5] } }, ours)), {}, "m"),
    ).toEqual({ standardise: "none", counts: "none" });
    // Channels last, or a second input: importing says what does not fit.
    expect(backboneInput(floats("N", 224, 224, 3)).kind).toBe("rows");
    expect(backboneInput(info({})).kind).toBe("rows");
  });

  it("is told by inspect, with a doubt where the model begins with arithmetic", () => {
    expect(inputHint(backboneInput(floats("N", 3, 224, 224)), ["Conv"])).toBe(
      "images of 224x224, normalised as imagenet (--normalise, --mean and --std say otherwise)",
    );
    expect(inputHint(backboneInput(floats("N", 3, "H", "W")), ["Sub"])).toMatch(/begins with Sub: .*--normalise none$/);
    expect(inputHint(backboneInput(floats("N", 1, "H", "W")), [])).toMatch(
      /^images, from 0 to 1, less the mean of each/,
    );
    expect(inputHint(backboneInput(bytes("N", 8, 8, 1)), [])).toBe(
      "images of 8x8 as bytes: it has its preprocessing inside",
    );
    expect(inputHint(backboneInput(floats("N", 5)), [])).toBeUndefined();
  });
});
