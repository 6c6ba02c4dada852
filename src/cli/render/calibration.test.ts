import { expect, test } from "vitest";
import type { ModelRow } from "../../adapt/result.ts";
import { renderCalibration } from "./calibration.ts";

type Calibration = NonNullable<ModelRow["calibration"]>;

const found: Calibration = {
  temperature: 1.5,
  basis: "weighted",
  why: null,
  source: { rows: 200, temperature: 1.3, ece: { before: 0.1, after: 0.05 } },
  weighted: { overlap: 0.9, effectiveRows: 81.4, clipped: 0, temperature: 1.5 },
  estimatedTargetEce: { before: 0.12, after: 0.06 },
  target: { rows: 100, ece: { before: 0.2, after: 0.1 } },
};

test("what T rests on, and the error on the target as far as it is known", () => {
  expect(renderCalibration(found)).toBe(
    "probabilities: temperature 1.50, from held-out source rows weighted to the target (worth 81); calibration error on the target 0.120 -> 0.060 estimated, 0.200 -> 0.100 by its labels",
  );
  const source: Calibration = { ...found, basis: "source", why: "few rows", estimatedTargetEce: null, target: null };
  expect(renderCalibration(source)).toBe("probabilities: temperature 1.50, the source's: few rows");
  const none: Calibration = { ...found, temperature: 1, basis: "none", why: "none is wrong", target: null };
  expect(renderCalibration(none)).toBe(
    "probabilities: temperature 1: none is wrong; calibration error on the target 0.120 estimated",
  );
});
