/** What every refinement must do: methods that go on from a trained model with rows of the target alone. */
import { beforeAll, describe, expect, test } from "vitest";
import { openBackend } from "#runtime";
import { makeNetwork } from "../../src/dann/networks/registry.ts";
import { gradients } from "../../src/graph/gradients.ts";
import { inputsOf } from "../../src/graph/graph.ts";
import { stopGradient } from "../../src/graph/index.ts";
import { input, type Var } from "../../src/graph/node.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { methodConfig } from "../../src/methods/config.ts";
import { makeMethod } from "../../src/methods/make.ts";
import type { Method, Objective } from "../../src/methods/method.ts";
import { type MethodOptions, methods } from "../../src/methods/registry.ts";
import { createStore, type Store } from "../../src/nn/scope.ts";
import { random } from "../../src/random.ts";
import type { Backend } from "../../src/runtime/backend.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/train/checkpoint.ts";
import { fit as startFit, type Trained, trained } from "../../src/train/fit.ts";
import type { TrainJob } from "../../src/train/job.ts";
import type { State } from "../../src/train/state.ts";
import { slopeAlong } from "../support/finite-differences.ts";
import { feedsOf, int64, norm, normals, relativeError, values } from "../support/learning.ts";
import { tinyJob } from "../support/tiny-job.ts";
import type { ContractCase } from "./method.cases.ts";

const rows = 4;

interface Built {
  readonly method: Method;
  readonly objective: Objective;
  readonly store: Store;
  readonly x: Var;
}

function build({ name, options }: ContractCase, more: MethodOptions = {}): Built {
  const method = makeMethod({ name, ...options, ...more });
  const store = createStore();
  const x = input("target/x", { dtype: "float32", shape: [rows, 3] });
  const objective = method.objective({
    network: makeNetwork(
      "mlp",
      { inputShape: [3], classes: 3, rows: { source: 4, target: rows } },
      { hidden: [6], activation: "tanh" },
    ),
    scope: store.scope({ kind: "training", segments: [{ domain: "target", rows }] }),
    source: undefined,
    target: { domain: "target", x, pseudoLabels: input("target/pseudoLabels", { dtype: "int64", shape: [rows] }) },
    lambda: input("lambda", { dtype: "float32", shape: [] }),
  });
  return { method, objective, store, x };
}

const feedsFor = (store: Store): Record<string, Tensor> => ({
  ...feedsOf(store),
  "target/x": normals([rows, 3], random(11)),
  "target/pseudoLabels": int64([0, 2, 1, 2]),
});

const movedBy = ({ method: { moves = () => true }, store }: Built): string[] =>
  store.states().flatMap(({ kind, name }) => (kind === "parameter" && moves(name) ? [name] : []));

/** Gradients of what is minimised by all that it moves, in the order of the names. */
function slopesOf(built: Built): number[] {
  const names = movedBy(built);
  const slopes = gradients(
    built.objective.loss,
    names.map((name) => built.store.variable(name)),
  );
  const found = values(Object.fromEntries(slopes.map((slope, i) => [`${i}`, slope])), feedsFor(built.store));
  return names.flatMap((_, i) => found[`${i}`] ?? []);
}

/** Throws unless the rows of the target teach what is moved. */
function requireTeaching(built: Built): void {
  const [slope] = gradients(built.objective.loss, [built.x]) as [Var];
  if (!(norm(values({ slope }, feedsFor(built.store)).slope ?? []) > 1e-4)) throw new Error("the rows teach nothing");
  if (!(norm(slopesOf(built)) > 1e-4)) throw new Error("nothing is moved");
}

export function refinementContract(each: ContractCase): void {
  describe(each.name, () => {
    const options = Object.keys(methods.find(({ name }) => name === each.name)?.options ?? {});

    test("gives a finite scalar and named scalar terms, of the target alone", () => {
      const { method, objective, store } = build(each);
      expect([method.name, method.readsSource, method.readsTarget]).toEqual([each.name, false, true]);
      for (const term of Object.values(objective.terms)) expect(term.type).toEqual({ dtype: "float32", shape: [] });
      const found = values({ ...objective.terms, loss: objective.loss }, feedsFor(store));
      expect(Object.values(found).every(([value]) => Number.isFinite(value))).toBe(true);
      const read = [...inputsOf({ name: "loss", outputs: { loss: objective.loss } }).keys()];
      expect(read.filter((name) => name.startsWith("source/") || name === "target/y")).toEqual([]);
    });

    test("gradients are those of finite differences", () => {
      const built = build(each);
      const names = movedBy(built);
      const { slope, direction } = slopeAlong(
        built.objective.loss,
        feedsFor(built.store),
        names.map((name) => `state:${name}`),
      );
      const along = names.flatMap((name) => [...(direction[`state:${name}`] ?? [])]);
      const ours = slopesOf(built).reduce((sum, value, i) => sum + value * (along[i] ?? 0), 0);
      expect(Math.abs(ours - slope)).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)));
    });

    test("teaches by the target's rows, and a dead loss is noticed", () => {
      const built = build(each);
      expect(() => requireTeaching(built)).not.toThrow();
      const { loss } = built.objective;
      const dead = { ...built, objective: { ...built.objective, loss: stopGradient(loss) } };
      expect(() => requireTeaching(dead)).toThrow(/teach nothing/);
    });

    test.each(options.filter((key) => /Weight$/.test(key)))("%s changes what is learned", (key) => {
      const [plain, changed] = [slopesOf(build(each)), slopesOf(build(each, { [key]: 3 }))];
      expect(norm(changed.map((value, i) => value - (plain[i] ?? 0)))).toBeGreaterThan(1e-4);
    });

    describe("trained", () => {
      const { source: _s, labels: _l, ...job } = tinyJob({ config: { steps: 12, logEvery: 1 } });
      const refining: TrainJob = { ...job, method: methodConfig.parse({ name: each.name, ...each.options }) };
      let start: State;
      let backend: Backend;
      beforeAll(async () => {
        backend = await openBackend("cpu");
        const before = tinyJob({ method: { name: "source-only" }, config: { steps: 20 } });
        start = (await trained(startFit(before, { backend }))).state;
      });
      const bits = ({ state }: Trained): unknown => [...state].map(([name, { data }]) => [name, [...data]]);

      test("a seed gives the same bits again, also across save and resume", async () => {
        const saved: Uint8Array[] = [];
        const whole = await trained(
          startFit(refining, {
            backend,
            start,
            onCheckpoint: async (checkpoint) => void saved.push(encodeCheckpoint(checkpoint)),
          }),
        );
        expect(bits(await trained(startFit(refining, { backend, start })))).toEqual(bits(whole));
        const resume = decodeCheckpoint(saved[0] ?? new Uint8Array(), "checkpoint");
        expect(resume.step).toBeLessThan(whole.step);
        expect(bits(await trained(startFit(refining, { backend, resume })))).toEqual(bits(whole));
        const { moves = () => true, pseudoLabels } = makeMethod(refining.method);
        if (pseudoLabels !== undefined) expect(new Set(whole.state.get("pseudoLabels")?.data)).toEqual(new Set([0, 1]));
        for (const [name, { data }] of start) {
          const after = whole.state.get(name)?.data;
          const network = /^(featureExtractor|labelPredictor)\//.test(name) && /\/(weight|bias)$/.test(name);
          if (network)
            expect(
              data.some((value, i) => value !== after?.[i]),
              name,
            ).toBe(moves(name));
        }
      });

      test("one step is the same natively and in WebAssembly", async () => {
        const one = { ...refining, config: { ...refining.config, steps: 1 } };
        const native = await trained(startFit(one, { backend, start }));
        const wasm = await trained(startFit(one, { backend: await openBackend("wasm"), start }));
        const largest = Math.max(...[...native.state.values()].map(({ data }) => norm([...data])));
        for (const [name, { data }] of native.state)
          expect(relativeError([...(wasm.state.get(name)?.data ?? [])], [...data], largest), name).toBeLessThan(1e-4);
      });
    });
  });
}
