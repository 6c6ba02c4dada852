import { describe, expect, it } from "vitest";
import { stepsToTrain, trainConfig } from "./config.ts";

const least = {
  optimizer: { name: "adam" },
  rate: { name: "constant", value: 0.001 },
  lambda: { name: "paper" },
} as const;

describe("trainConfig", () => {
  it("fills in defaults", () => {
    expect(trainConfig.parse({ ...least, steps: 10 })).toMatchObject({
      steps: 10,
      batch: { source: 64, target: 64 },
      partRates: { featureExtractor: 1, labelPredictor: 1, domainClassifier: 1 },
      seed: 0,
      device: "auto",
      threads: 1,
      checkpointEvery: 500,
      logEvery: 50,
    });
    expect(trainConfig.parse({ ...least, steps: 1, batch: { target: 8 } }).batch).toEqual({ source: 64, target: 8 });
  });

  it.each([
    {},
    { steps: 3, epochs: 1 },
    { steps: 0 },
    { steps: 1.5 },
    { steps: 3, stpes: 3 },
    { steps: 3, gradientClip: 0 },
  ])("refuses %j", (extra) => expect(trainConfig.safeParse({ ...least, ...extra }).success).toBe(false));
});

describe("stepsToTrain", () => {
  const config = (extra: object): ReturnType<typeof trainConfig.parse> => trainConfig.parse({ ...least, ...extra });
  it("counts an epoch as one pass over the source, its last batch filled up", () => {
    expect(stepsToTrain(config({ epochs: 1 }), 65)).toBe(2);
    expect(stepsToTrain(config({ epochs: 12 }), 60_000)).toBe(11_250);
    expect(stepsToTrain(config({ steps: 7 }), 60_000)).toBe(7);
  });
});
