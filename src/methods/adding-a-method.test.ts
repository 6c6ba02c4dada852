/** The example of `docs/adding-a-method.md` is a method: it compiles, and its gradients are those of its loss. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { slopeAlong } from "../../test/support/finite-differences.ts";
import { feedsOf, float64, int64, normals, values } from "../../test/support/learning.ts";
import { blocksOf } from "../../test/support/markdown.ts";
import { makeNetwork } from "../dann/networks/registry.ts";
import { gradients } from "../graph/gradients.ts";
import { input, type Var } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import { createStore } from "../nn/scope.ts";
import { random } from "../random.ts";
import { compose } from "./make.ts";
import type { MethodRow } from "./row.ts";

const here = import.meta.dirname;

/** What the page's file exports, from a folder beside this one, so that its imports find their files. */
async function example(): Promise<MethodRow> {
  const [block] = blocksOf(readFileSync(join(here, "../../docs/adding-a-method.md"), "utf8"));
  const folder = mkdtempSync(join(here, "../.example-"));
  try {
    const path = join(folder, "mean-matching.ts");
    writeFileSync(path, (block?.code ?? "").replace('"./row.ts"', '"../methods/row.ts"'));
    const { meanMatching } = (await import(path)) as { readonly meanMatching: MethodRow };
    return meanMatching;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the page's method has a loss, options with defaults, and gradients of finite differences", async () => {
  const row = await example();
  const options = Object.fromEntries(
    Object.entries(row.options).map(([key, schema]) => [key, schema.parse(undefined)]),
  );
  expect(options).toEqual({ meanWeight: 1 });
  const store = createStore();
  const x = (domain: string): Var => input(`${domain}/x`, { dtype: "float32", shape: [4, 3] });
  const { loss, terms } = compose({ name: row.name, rows: [row] }, options).objective({
    network: makeNetwork(
      "mlp",
      { inputShape: [3], classes: 2, rows: { source: 4, target: 4 } },
      { activation: "tanh" },
    ),
    scope: store.scope({
      kind: "training",
      segments: [
        { domain: "source", rows: 4 },
        { domain: "target", rows: 4 },
      ],
    }),
    source: { domain: "source", x: x("source"), y: input("y", { dtype: "int64", shape: [4] }) },
    target: { domain: "target", x: x("target") },
    lambda: input("lambda", { dtype: "float32", shape: [] }),
  });
  const draw = random(1);
  const feeds: Record<string, Tensor> = {
    ...feedsOf(store),
    "source/x": normals([4, 3], draw),
    "target/x": normals([4, 3], draw),
    y: int64([0, 1, 1, 0]),
    lambda: float64([], [1]),
  };
  const names = store.states().map(({ name }) => name);
  const slopes = gradients(
    loss,
    names.map((name) => store.variable(name)),
  );
  const found = values({ loss, ...terms, ...Object.fromEntries(slopes.map((slope, i) => [names[i], slope])) }, feeds);
  expect(found.loss?.[0]).toBeCloseTo((found.labelLoss?.[0] ?? 0) + (found.meanDistance?.[0] ?? 0), 12);
  expect(found.meanDistance?.[0]).toBeGreaterThan(0);
  const { slope, direction } = slopeAlong(
    loss,
    feeds,
    names.map((name) => `state:${name}`),
  );
  const ours = names.flatMap((name) =>
    (found[name] ?? []).map((value, i) => value * (direction[`state:${name}`]?.[i] ?? 0)),
  );
  expect(ours.reduce((sum, value) => sum + value, 0)).toBeCloseTo(slope, 6);
});
