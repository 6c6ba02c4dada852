/** The domain loss over several sources and the target. */
import { describe, expect, it } from "vitest";
import { float64, int64, normals, values } from "../../test/support/learning.ts";
import { directionalErrors } from "../../test/support/operators/gradient-check.ts";
import { sigmoid, softmax } from "../graph/index.ts";
import { input, type Var } from "../graph/node.ts";
import { random } from "../random.ts";
import { domainLoss, targetLogit } from "./energy.ts";

const float = (name: string, shape: readonly number[]): Var => input(name, { dtype: "float32", shape });
const sourceOf = input("of", { dtype: "int64", shape: [4] });
/** Two sources and the target. */
const logits = { sourceLogits: float("s", [4, 3]), targetLogits: float("t", [2, 3]), sourceOf };
const draw = random(9);
const feeds = { s: normals([4, 3], draw), t: normals([2, 3], draw), of: int64([0, 1, 1, 0]) };

const logSoftmax = (row: readonly number[]): number[] => {
  const total = Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
  return row.map((z) => z - total);
};
const rowsOf = ({ data }: { data: ArrayLike<number | bigint> }, width: number): number[][] => {
  const all = Array.from(data, Number);
  return Array.from({ length: all.length / width }, (_, i) => all.slice(i * width, (i + 1) * width));
};
const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;

describe("several sources", () => {
  it.each([0, 0.3])("cross-entropy over S + 1 domains, smoothing %d, as written out", (labelSmoothing) => {
    const loss = (row: readonly number[], own: number): number =>
      -logSoftmax(row).reduce((sum, p, d) => sum + p * (d === own ? 1 - labelSmoothing : labelSmoothing / 2), 0);
    const source = mean(rowsOf(feeds.s, 3).map((row, i) => loss(row, Number(feeds.of.data[i]))));
    const target = mean(rowsOf(feeds.t, 3).map((row) => loss(row, 2)));
    const found = values(
      { sum: domainLoss(logits, { labelSmoothing }), half: domainLoss(logits, { labelSmoothing, reading: "half" }) },
      feeds,
    );
    expect(found.sum?.[0]).toBeCloseTo(source + target, 6);
    expect(found.half?.[0]).toBeCloseTo((source + target) / 2, 6);
  });

  it.each([0, 0.3])("gradient check, smoothing %d, with weights of rows", (labelSmoothing) => {
    const weights = { source: float("ws", [4]), target: float("wt", [2]) };
    const loss = domainLoss(logits, { labelSmoothing, weights });
    const given = { ...feeds, ws: float64([4], [1, 2, 0.5, 1]), wt: float64([2], [3, 1]) };
    const errors = directionalErrors(loss, [logits.sourceLogits, logits.targetLogits], given);
    expect(errors).toHaveLength(2);
    for (const { error } of errors) expect(error).toBeLessThan(1e-6);
  });

  it("the logit of the target against all sources: its sigmoid is the softmax's last probability, also far out", () => {
    const wide = { ...feeds, t: float64([2, 3], [800, -800, 790, -1000, 0, 0]) };
    const found = values(
      { told: sigmoid(targetLogit(logits.targetLogits)), all: softmax(logits.targetLogits, -1) },
      wide,
    );
    const last = [found.all?.[2], found.all?.[5]];
    expect(found.told?.[0]).toBeCloseTo(last[0] ?? Number.NaN, 12);
    expect(found.told?.[1]).toBeCloseTo(last[1] ?? Number.NaN, 12);
  });

  it("which source a row is from matters", () => {
    const loss = domainLoss(logits);
    const other = values({ loss }, { ...feeds, of: int64([1, 0, 0, 1]) }).loss?.[0];
    expect(other).not.toBeCloseTo(values({ loss }, feeds).loss?.[0] ?? Number.NaN, 3);
  });

  it("refuses logits of one domain", () => {
    expect(() => domainLoss({ ...logits, sourceLogits: float("s", [4, 1]) })).toThrow("[N, S + 1]");
  });
});
