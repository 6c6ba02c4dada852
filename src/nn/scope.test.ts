import { describe, expect, it } from "vitest";
import { float64, values } from "../../test/support/learning.ts";
import { add } from "../graph/index.ts";
import { inputName } from "../graph/node.ts";
import { random } from "../random.ts";
import { glorotUniform, ones } from "./initialisers.ts";
import { createStore } from "./scope.ts";

const training = { kind: "training", segments: [{ domain: "source", rows: 4 }] } as const;
const inference = { kind: "inference", domain: "source" } as const;

describe("store", () => {
  it("the same name is the same parameter, in training and inference", () => {
    const store = createStore();
    const a = store.scope(training).child("part").parameter("weight", [2, 3], glorotUniform);
    const b = store.scope(inference).child("part").parameter("weight", [2, 3], glorotUniform);
    expect(a).toBe(b);
    expect(inputName(a)).toBe("state:part/weight");
    expect(store.variable("part/weight")).toBe(a);
    expect(store.states()).toMatchObject([{ name: "part/weight", kind: "parameter", decay: true }]);
  });

  it("initial values depend on the generator that training hands in alone", () => {
    const store = createStore();
    store.scope(training).parameter("weight", [2, 3], glorotUniform);
    const [spec] = store.states();
    expect(spec?.initialise(random(1))).toEqual(spec?.initialise(random(1)));
    expect(spec?.initialise(random(1))).not.toEqual(spec?.initialise(random(2)));
  });

  it("two layers that claim one name are told apart by shape and kind", () => {
    const scope = createStore().scope(training);
    scope.parameter("weight", [2], ones);
    expect(() => scope.parameter("weight", [3], ones)).toThrow("expected the parameter [2] of its first use");
    expect(() => scope.statistic("weight", [2], 0)).toThrow("got a statistic [2]");
    expect(() => scope.child("a/b")).toThrow("layer name");
  });

  it("a statistic that is updated twice in a step starts the second time from the first", () => {
    const store = createStore();
    const scope = store.scope(training);
    for (let use = 0; use < 2; use++) scope.updateStatistic("mean", add(scope.statistic("mean", [1], 5), 1));
    const [after] = store.statisticUpdates().values();
    if (after === undefined) throw new Error("no update");
    expect(values({ after }, { "state:mean": float64([1], [5]) }).after).toEqual([7]);
    // Inference reads what was carried in.
    expect(store.scope(inference).statistic("mean", [1], 5)).toBe(store.variable("mean"));
  });

  it("noise is drawn anew for every use, and never in inference", () => {
    const store = createStore();
    const spec = { kind: "bernoulli", probability: 0.5, shape: [4] } as const;
    const scope = store.scope(training).child("dropout");
    expect(inputName(scope.noise("mask", spec))).toBe("noise:dropout/mask");
    expect(inputName(scope.noise("mask", spec))).toBe("noise:dropout/mask#2");
    expect([...store.noises().keys()]).toEqual(["dropout/mask", "dropout/mask#2"]);
    expect(() => store.scope(inference).noise("mask", spec)).toThrow("noise");
  });
});
