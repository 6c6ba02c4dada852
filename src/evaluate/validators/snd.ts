/**
 * Soft neighbourhood density (Saito et al., ICCV 2021): rows of P, the target's predictions, at length 1, S = P P' without
 * its diagonal, softmax over j of S_ij / 0.05, mean entropy of the rows in nats; from 0 to ln(n - 1) of the at most 1,000
 * rows of a fixed sample. Higher is better: each row has many near neighbours. One big cluster, a collapse, scores best,
 * so it never decides alone.
 */
import type { Validator } from "../../train/validator.ts";
import { pickRows, sampleRows } from "../sample.ts";
import { onTargetProbabilities } from "./target-probabilities.ts";

const temperature = 0.05;
const mostRows = 1000;

export const snd: Validator = {
  name: "snd",
  higherIsBetter: true,
  use: "selection",
  score: onTargetProbabilities((all) => {
    const sample = sampleRows(all.rows, mostRows, "snd");
    const { rows, width, values } = pickRows({ ...all, width: all.classes }, sample);
    if (rows < 2) return null;
    const unit = Float64Array.from(values);
    for (let row = 0; row < rows; row++) {
      const own = unit.subarray(row * width, (row + 1) * width);
      const length = Math.hypot(...own);
      own.forEach((value, c) => {
        own[c] = value / length;
      });
    }
    // Of each row the sum of e = exp((S - 1) / T) and of S e: S is at most 1, so nothing overflows.
    const weights = new Float64Array(rows);
    const products = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < i; j++) {
        let similarity = 0;
        for (let c = 0; c < width; c++) similarity += (unit[i * width + c] as number) * (unit[j * width + c] as number);
        const scaled = (similarity - 1) / temperature;
        const weight = Math.exp(scaled);
        weights[i] = (weights[i] as number) + weight;
        weights[j] = (weights[j] as number) + weight;
        products[i] = (products[i] as number) + scaled * weight;
        products[j] = (products[j] as number) + scaled * weight;
      }
    }
    // H = ln sum e - (sum s e) / sum e.
    const sum = weights.reduce((total, weight, i) => total + Math.log(weight) - (products[i] as number) / weight, 0);
    return sum / rows;
  }),
};
