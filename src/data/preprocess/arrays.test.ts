import { describe, expect, it } from "vitest";
import { close, image, through } from "../../../test/support/preprocess.ts";
import type { SignalRows } from "../dataset.ts";
import { encodeRows } from "../encode.ts";
import { fitPreprocess, inputShape, rawInputs } from "../preprocess.ts";

describe("images", () => {
  const grey = image(1, 1, 2, 0, 255, 51, 102);
  const rgb = image(3, 1, 2, 255, 0, 51, 255, 0, 153);

  it("scales, centres each domain by its own channel means, and puts channels first", () => {
    const spec = fitPreprocess(rgb, undefined);
    close(through(spec, rgb, "source"), [[0, 0, 0, 0, -0.2, 0.2]]);
    expect(inputShape(spec)).toEqual([3, 1, 2]);
  });

  it("repeats grey where the other domain has colours", () => {
    const spec = fitPreprocess(grey, rgb);
    const middle = 0.4;
    close(through(spec, grey, "source"), [
      [-middle, 1 - middle, -middle, 1 - middle, -middle, 1 - middle],
      [0.2 - middle, 0, 0.2 - middle, 0, 0.2 - middle, 0],
    ]);
    expect(rawInputs(spec, 4)).toEqual({ image: { dtype: "uint8", shape: [4, 1, 2, 3] } });
  });

  it("centres by the source's means, or not, and scales as told", () => {
    close(
      through(
        fitPreprocess(grey, image(1, 1, 2, 10, 20), { images: { centre: "source", scale: 1 } }),
        image(1, 1, 2, 10, 20),
        "target",
      ),
      [[-92, -82]],
    );
    close(through(fitPreprocess(grey, undefined, { images: { centre: "none", scale: 1 / 51 } }), grey, "source"), [
      [0, 5],
      [1, 2],
    ]);
  });

  it("refuses two sizes, unless it is told one", () => {
    const wide = image(1, 1, 4, 0, 100, 200, 40);
    expect(() => fitPreprocess(grey, wide)).toThrow("got 1x2 in the source and 1x4 in the target");
    const spec = fitPreprocess(grey, wide, { imageSize: "1x2", images: { centre: "none", scale: 1 } });
    close(through(spec, wide, "target"), [[50, 120]]);
    expect(() => encodeRows(wide, fitPreprocess(grey, undefined))).toThrow("expected images of 1x2, got 1x4");
    expect(() => encodeRows(rgb, fitPreprocess(grey, undefined))).toThrow("expected grey images");
    expect(() => fitPreprocess(grey, wide, { imageSize: "2" })).toThrow("expected HEIGHTxWIDTH");
  });
});

describe("signals", () => {
  const signal = (...values: number[]): SignalRows => ({
    kind: "signal",
    rows: values.length / 4,
    channels: 2,
    length: 2,
    values: Float32Array.from(values),
  });

  it("standardises by channel over rows and time", () => {
    const source = signal(1, 3, 10, 10, 1, 3, 10, 10);
    close(through(fitPreprocess(source, undefined), source, "source"), [
      [-1, 1, 0, 0],
      [-1, 1, 0, 0],
    ]);
    const target = signal(5, 9, 0, 4);
    close(through(fitPreprocess(source, target), target, "target"), [[3, 7, -10, -6]]);
    close(through(fitPreprocess(source, target, { standardise: "perDomain" }), target, "target"), [[-1, 1, -1, 1]]);
    close(through(fitPreprocess(source, target, { standardise: "none" }), target, "target"), [[5, 9, 0, 4]]);
  });

  it("refuses another shape", () => {
    const spec = fitPreprocess(signal(1, 2, 3, 4), undefined);
    const other: SignalRows = { kind: "signal", rows: 1, channels: 1, length: 4, values: new Float32Array(4) };
    expect(() => encodeRows(other, spec)).toThrow("expected signals of 2 channels x 2 steps, got 1 x 4");
    expect(() => fitPreprocess(signal(1, 2, 3, 4), other)).toThrow("got 2x2 in the source and 1x4 in the target");
  });
});
