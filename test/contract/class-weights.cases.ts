/** What class weights must do in every method that reads them, and that the others refuse them. */
import { describe, expect, test } from "vitest";
import { openBackend } from "#runtime";
import { add, sub } from "../../src/graph/index.ts";
import type { ClassWeightsEvent } from "../../src/train/events.ts";
import { fit as startFit } from "../../src/train/fit.ts";
import type { TrainJob } from "../../src/train/job.ts";
import type { State } from "../../src/train/state.ts";
import { norm, relativeError, values } from "../support/learning.ts";
import { tinyJob } from "../support/tiny-job.ts";
import { type Built, build, type ContractCase, feedsFor, readOptionsOf, run, updatesOf } from "./method.cases.ts";

/** Throws unless the label loss and every part that aligns by source rows change with the weights of their classes. */
function requireWeighing(built: Built): void {
  const { labelLoss } = built.objective.terms;
  if (labelLoss === undefined) throw new Error("no label loss");
  const aligning = [
    ...updatesOf(built).flatMap(({ loss }) => (loss === built.objective.loss ? [] : [loss])),
    sub(built.objective.loss, labelLoss),
  ];
  const parts = { labelLoss, ...Object.fromEntries(aligning.map((loss, i) => [`alignment ${i}`, loss])) };
  const [some, others] = [[1, 1, 1], undefined].map((weights) => values(parts, feedsFor(built.store, weights)));
  for (const name of Object.keys(parts))
    if (!(Math.abs((some?.[name]?.[0] ?? 0) - (others?.[name]?.[0] ?? 0)) > 1e-4))
      throw new Error(`${name} does not see the class weights`);
}

async function trainedOn(
  job: TrainJob,
  device: "cpu" | "wasm",
): Promise<{ readonly state: State; readonly told: readonly ClassWeightsEvent[] }> {
  const training = startFit(job, { backend: await openBackend(device) });
  const told: ClassWeightsEvent[] = [];
  for await (const event of training) if (event.type === "class-weights") told.push(event);
  return { state: (await training.result).state, told };
}

export function classWeightsContract(each: ContractCase): void {
  describe(`class weights of ${each.name}`, () => {
    if (readOptionsOf(each.name).includes("classWeights")) {
      test.each(["label-shift", "partial"] as const)(
        "class weights for %s weigh labels and alignment",
        (classWeights) => {
          const built = build(each, { classWeights });
          expect(() => requireWeighing(built)).not.toThrow();
          // Weights of 1 are none; what is reported of the domains is without them.
          const [plain, even, uneven] = [run(build(each, { classWeights: "none" })), run(built, [1, 1, 1]), run(built)];
          expect(even.loss).toBeCloseTo(plain.loss ?? Number.NaN, 9);
          expect(uneven.domainLoss).toEqual(plain.domainLoss);
          expect(uneven.domainAccuracy).toEqual(plain.domainAccuracy);
        },
      );

      test("and an alignment without them is noticed", () => {
        const built = build(each, { classWeights: "label-shift" });
        const plain = build(each, { classWeights: "none" }).objective;
        const { labelLoss } = built.objective.terms;
        const { labelLoss: without } = plain.terms;
        if (labelLoss === undefined || without === undefined) return expect.unreachable();
        const loss = add(sub(plain.loss, without), labelLoss);
        const half = { ...built, objective: { ...built.objective, loss } };
        expect(() => requireWeighing(half)).toThrow(/alignment \d+ does not see/);
      });

      // Training is the same seam for all: the cases that have them by themselves are enough.
      const { classWeights } = each.options ?? {};
      test.runIf(classWeights !== undefined)(
        "are estimated in training, natively as in WebAssembly, and told",
        async () => {
          const method = { name: each.name, ...each.options };
          // A pass over the target ends with step 5.
          const job = tinyJob({ method, config: { steps: 6 } });
          const [native, wasm] = [await trainedOn(job, "cpu"), await trainedOn(job, "wasm")];
          expect(native.told.map(({ step }) => step)).toEqual([5]);
          const [weights = [], same = []] = [native, wasm].map(({ told }) => told[0]?.weights);
          expect(weights.every((weight) => Math.abs(weight - 1) > 1e-3)).toBe(true);
          expect(relativeError(same, weights, norm(weights))).toBeLessThan(1e-3);
          const largest = Math.max(...[...native.state.values()].map(({ data }) => norm([...data])));
          for (const [name, { data }] of native.state)
            expect(relativeError([...(wasm.state.get(name)?.data ?? [])], [...data], largest), name).toBeLessThan(1e-3);
        },
      );
    } else
      test("class weights are refused", () => {
        expect(() => build(each, { classWeights: "partial" })).toThrow(/does not read it/);
      });
  });
}
