/** The demo: what it adapts, and how. */
import { join } from "node:path";
import type { Plain } from "../config/merge.ts";

export const demoStory: string = `Handwritten digits of two places. Source: MNIST, written by American pupils and clerks, scanned, labelled.
Target: Optdigits, written on tablets' paper in Turkey, 8x8 shades of grey; its labels only score.`;

export const demoConfig = (folder: string): Plain => {
  const images = (name: string): string => join(folder, `${name}-images-idx3-ubyte.gz`);
  const labels = (name: string): string => join(folder, `${name}-labels-idx1-ubyte.gz`);
  return {
    data: {
      source: images("mnist-train"),
      sourceLabels: labels("mnist-train"),
      sourceTest: images("mnist-test"),
      sourceTestLabels: labels("mnist-test"),
      target: images("optdigits-train"),
      targetLabels: labels("optdigits-train"),
      targetTest: images("optdigits-test"),
      targetTestLabels: labels("optdigits-test"),
      preprocess: { imageSize: "20x20" },
    },
    train: { steps: 300, threads: 2 },
  };
};
