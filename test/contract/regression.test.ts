/** What labels that are numbers ask of methods: gradients of a whole step, and refusals where a formula needs classes. */
import { describe, expect, it } from "vitest";
import { makeNetwork } from "../../src/dann/networks/registry.ts";
import { gradients } from "../../src/graph/gradients.ts";
import { inputsOf } from "../../src/graph/graph.ts";
import { input, type Var } from "../../src/graph/node.ts";
import { combination, isRefusal } from "../../src/methods/combination.ts";
import { methodConfig, sourceOnlyOf } from "../../src/methods/config.ts";
import { makeMethod } from "../../src/methods/make.ts";
import type { MethodContext } from "../../src/methods/method.ts";
import { type MethodOptions, methods } from "../../src/methods/registry.ts";
import { regressionMethods } from "../../src/methods/task.ts";
import { createStore } from "../../src/nn/scope.ts";
import { random } from "../../src/random.ts";
import { slopeAlong } from "../support/finite-differences.ts";
import { feedsOf, float64, int64, normals, relativeError, values } from "../support/learning.ts";

const rows = { source: 6, target: 4 };

/** Whether a name is a method by itself. */
const alone = (name: string): boolean => !isRefusal(combination(name));

/** The gradients of a whole objective are its slopes along a random direction of the parameters, by finite differences. */
function expectSlopes(name: string, task: "binary" | "regression", options: MethodOptions = {}): void {
  const method = makeMethod(methodConfig.parse({ name, ...options }), task);
  const network = makeNetwork(
    "mlp",
    { inputShape: [3], classes: task === "binary" ? 2 : 1, task, rows },
    { hidden: [6], domainHidden: [5], activation: "tanh" },
  );
  const store = createStore();
  const domains = method.readsTarget ? (["source", "target"] as const) : (["source"] as const);
  const x = (domain: "source" | "target"): Var => input(`${domain}/x`, { dtype: "float32", shape: [rows[domain], 3] });
  const dtype = task === "binary" ? "int64" : "float32";
  const context: MethodContext = {
    network,
    scope: store.scope({ kind: "training", segments: domains.map((domain) => ({ domain, rows: rows[domain] })) }),
    source: { domain: "source", x: x("source"), y: input("source/y", { dtype, shape: [rows.source] }) },
    target: method.readsTarget ? { domain: "target", x: x("target") } : undefined,
    lambda: input("lambda", { dtype: "float32", shape: [] }),
  };
  const { loss, terms } = method.objective(context);
  expect(terms.labelLoss).toBeDefined();
  const draw = random(12);
  const feeds = {
    ...feedsOf(store),
    "source/x": normals([rows.source, 3], draw),
    "source/y": task === "binary" ? int64([0, 1, 1, 0, 1, 0]) : normals([rows.source], draw),
    "target/x": normals([rows.target, 3], draw),
    lambda: float64([], [0.7]),
  };
  const read = inputsOf({ name: "loss", outputs: { loss } });
  const names = store
    .states()
    .flatMap(({ kind, name }) => (kind === "parameter" && read.has(`state:${name}`) ? [name] : []));
  const slopes = gradients(
    loss,
    names.map((name) => store.variable(name)),
  );
  const found = values(Object.fromEntries(slopes.map((slope, i) => [names[i], slope])), feeds);
  const inputs = names.map((name) => `state:${name}`);
  const { slope, direction } = slopeAlong(loss, feeds, inputs);
  const along = (name: string): number =>
    (found[name] ?? []).reduce((sum, value, i) => sum + value * (direction[`state:${name}`]?.[i] ?? 0), 0);
  const ours = names.reduce((sum, name) => sum + along(name), 0);
  expect(Math.abs(slope)).toBeGreaterThan(1e-6);
  expect(relativeError([ours], [slope], Math.abs(slope))).toBeLessThan(1e-5);
}

describe("methods of two classes by one logit", () => {
  it.each(["source-only", "dann", "cdan", "mcd", "mdd", "vada", "jan", "deep-jdot", "mcc"])(
    "%s: gradients are the slopes of its objective",
    (name) => expectSlopes(name, "binary"),
  );
});

describe("methods of a regression", () => {
  it("are those whose formulas read no class probabilities", () =>
    expect(regressionMethods).toEqual([
      ...["source-only", "dann", "wdgrl", "adda", "adabn", "dan", "deep-coral", "bsp", "afn"],
    ]));

  it.each([...regressionMethods.filter((name) => alone(name) && name !== "adabn"), "dann+bsp", "dan+afn"])(
    "%s: gradients are the slopes of its objective",
    (name) => expectSlopes(name, "regression"),
  );

  it.each(["source-only", "dann", "wdgrl", "dann+bsp"])("%s with Huber's loss: the same", (name) =>
    expectSlopes(name, "regression", { regressionLoss: "huber", huberDelta: 0.7 }),
  );

  it.each(["classification", "binary"] as const)("Huber's loss is refused for %s", (task) =>
    expect(() => makeMethod(methodConfig.parse({ name: "dann", regressionLoss: "huber" }), task)).toThrowError(
      expect.objectContaining({ kind: "usage", code: "regression-loss" }),
    ),
  );

  it("delta without Huber's loss is refused, and squared error leaves no trace in a configuration", () => {
    expect(methodConfig.safeParse({ name: "dann", huberDelta: 2 }).error?.issues[0]?.message).toBe(
      "expected nothing, because method.regressionLoss is squared, got 2",
    );
    expect(methodConfig.parse({ name: "dann", regressionLoss: "squared" })).toEqual(
      methodConfig.parse({ name: "dann" }),
    );
    expect(methodConfig.parse({ name: "dann", regressionLoss: "huber" })).toMatchObject({ huberDelta: 1 });
    expect(sourceOnlyOf(methodConfig.parse({ name: "dann", regressionLoss: "huber", huberDelta: 2 }))).toEqual({
      ...{ name: "source-only", labelSmoothing: 0, regressionLoss: "huber", huberDelta: 2 },
    });
  });

  it.each(methods.filter(({ name }) => !regressionMethods.includes(name)).map(({ name }) => name))(
    "%s is refused, with the methods that work",
    (name) => {
      const asked = alone(name) ? name : `dann+${name}`;
      const make = (): unknown => makeMethod(methodConfig.parse({ name: asked }), "regression");
      expect(make).toThrow(/because the task is a regression, got/);
      expect(make).toThrowError(
        expect.objectContaining({
          kind: "usage",
          code: "method-task",
          remedy: `Use one of ${regressionMethods.join(", ")}.`,
        }),
      );
    },
  );

  it.each([
    ["label-smoothing", { labelSmoothing: 0.1 }],
    ["class-weights", { classWeights: "partial" }],
  ])("%s, of classes, is refused", (code, options) =>
    expect(() => makeMethod(methodConfig.parse({ name: "dann", ...options }), "regression")).toThrowError(
      expect.objectContaining({ kind: "usage", code }),
    ),
  );
});
