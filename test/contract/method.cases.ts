/** What every method must do. */
import { describe, expect, test } from "vitest";
import { classify } from "../../src/dann/classify.ts";
import { makeNetwork, type NetworkOptions } from "../../src/dann/networks/registry.ts";
import { gradients } from "../../src/graph/gradients.ts";
import { inputsOf } from "../../src/graph/graph.ts";
import { input, type Var } from "../../src/graph/node.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import type { Network, Objective } from "../../src/methods/method.ts";
import { type MethodConfig, type MethodRow, methodConfig } from "../../src/methods/registry.ts";
import { createStore, type Store } from "../../src/nn/scope.ts";
import { random } from "../../src/random.ts";
import { feedsOf, float64, int64, norm, normals, values } from "../support/learning.ts";

const rows = { source: 6, target: 4 };

interface Built {
  readonly objective: Objective;
  readonly store: Store;
  readonly network: Network;
}

function build(row: MethodRow, config: Partial<MethodConfig> = {}, options: NetworkOptions = {}): Built {
  const method = row.make(methodConfig.parse({ name: row.name, ...config }));
  const network = makeNetwork(
    "mlp",
    { inputShape: [3], classes: 3, rows },
    { hidden: [6], domainHidden: [5], activation: "tanh", ...options },
  );
  const store = createStore();
  const domains = method.readsTarget ? (["source", "target"] as const) : (["source"] as const);
  const x = (domain: "source" | "target"): Var => input(`${domain}/x`, { dtype: "float32", shape: [rows[domain], 3] });
  const objective = method.objective({
    network,
    scope: store.scope({ kind: "training", segments: domains.map((domain) => ({ domain, rows: rows[domain] })) }),
    source: { domain: "source", x: x("source"), y: input("source/y", { dtype: "int64", shape: [rows.source] }) },
    target: method.readsTarget ? { domain: "target", x: x("target") } : undefined,
    lambda: input("lambda", { dtype: "float32", shape: [] }),
  });
  return { objective, store, network };
}

function feedsFor(store: Store): Record<string, Tensor> {
  const draw = random(11);
  return {
    ...feedsOf(store),
    "source/x": normals([rows.source, 3], draw),
    "source/y": int64([0, 1, 2, 2, 1, 0]),
    "target/x": normals([rows.target, 3], draw),
    lambda: float64([], [0.7]),
  };
}

/** The loss and its terms, as numbers. */
function run({ objective, store }: Built): Record<string, number> {
  const found = values({ ...objective.terms, loss: objective.loss }, feedsFor(store));
  return Object.fromEntries(Object.entries(found).map(([name, [value = Number.NaN]]) => [name, value]));
}

export function methodContract(row: MethodRow): void {
  describe(row.name, () => {
    const { readsTarget } = row.make(methodConfig.parse({ name: row.name }));

    test("is called what the registry calls it, and says what it does and where it is from", () => {
      expect(row.make(methodConfig.parse({ name: row.name })).name).toBe(row.name);
      expect(row.description).not.toBe("");
      expect(row.source).not.toBe("");
    });

    test("gives a finite scalar and named scalar terms, the label loss among them", () => {
      const { objective } = build(row);
      expect(objective.loss.type.shape).toEqual([]);
      for (const term of Object.values(objective.terms)) expect(term.type).toEqual({ dtype: "float32", shape: [] });
      const found = run(build(row));
      expect(Object.values(found).every(Number.isFinite)).toBe(true);
      expect(found.labelLoss).toBeGreaterThan(0);
    });

    test("reads the target exactly if it says so, and never a label of it", () => {
      const { objective } = build(row);
      const read = [...inputsOf({ name: "loss", outputs: { loss: objective.loss } }).keys()];
      expect(read).toContain("source/y");
      expect(read.includes("target/x")).toBe(readsTarget);
      expect(read).not.toContain("target/y");
    });

    test("trains G_f and G_y, and every parameter it asked for", () => {
      const { objective, store } = build(row);
      const names = store.states().flatMap(({ kind, name }) => (kind === "parameter" ? [name] : []));
      const slopes = gradients(
        objective.loss,
        names.map((name) => store.variable(name)),
        { unreached: "error" },
      );
      const found = values(Object.fromEntries(slopes.map((slope, i) => [names[i], slope])), feedsFor(store));
      for (const name of names) expect(norm(found[name] ?? []), name).toBeGreaterThan(0);
      expect(names.some((name) => name.startsWith("featureExtractor/"))).toBe(true);
      expect(names.some((name) => name.startsWith("labelPredictor/"))).toBe(true);
    });

    test("what it trained is what inference asks for", () => {
      const { store, network } = build(row, {}, { batchNorm: "perDomain" });
      const fresh = createStore();
      const domain = readsTarget ? "target" : "source";
      classify(network, input("x", { dtype: "float32", shape: ["N", 3] }), fresh.scope({ kind: "inference", domain }));
      const trained = store.states().map(({ name }) => name);
      expect(trained).toEqual(expect.arrayContaining(fresh.states().map(({ name }) => name)));
    });

    test.each(["none", "perDomain", "perDomainStats", "joint", "source"] as const)("batch norm %s", (batchNorm) => {
      const built = build(row, {}, { batchNorm });
      expect(Object.values(run(built)).every(Number.isFinite)).toBe(true);
      expect(built.store.statisticUpdates().size > 0).toBe(batchNorm !== "none");
    });

    test("label smoothing changes the loss", () => {
      expect(run(build(row, { labelSmoothing: 0.1 })).loss).not.toBeCloseTo(run(build(row)).loss ?? Number.NaN, 6);
    });

    test("options of the domain loss change the loss if there is one, and never what is reported of it", () => {
      const plain = run(build(row));
      for (const config of [{ domainLoss: "half" }, { domainWeight: 0.5 }, { domainLabelSmoothing: 0.1 }] as const) {
        const changed = run(build(row, config));
        const same = Math.abs((changed.loss ?? 0) - (plain.loss ?? 0)) < 1e-6;
        expect(same, JSON.stringify(config)).toBe(!("domainLoss" in plain));
        expect(changed.domainLoss).toEqual(plain.domainLoss);
        expect(changed.domainAccuracy).toEqual(plain.domainAccuracy);
      }
    });
  });
}
