/** The paper's toy (JMLR 17, section 5.1): two half circles, turned by 35 degrees in the other place. */
import { adapt, moons } from "dann";
import { gate } from "./gate.ts";

const { source, target } = moons({ rows: 300, rotation: 35, seed: 0 });
const run = await adapt({
  source,
  target, // its labels only score
  network: { name: "mlp", options: { hidden: [64, 64], activation: "tanh", domainHidden: [64], batchNorm: "none" } },
  method: { name: "dann", domainLoss: "half", domainLabelSmoothing: 0 },
  train: {
    steps: 1000,
    batch: { source: 32, target: 32 },
    rate: { name: "cosine", from: 3e-3 },
    lambda: { name: "paper", gamma: 5, max: 0.5 },
  },
  evaluate: { targetTrained: false },
});
const { models } = await run.done;
const accuracy = (name: string): number => models.find((row) => row.name === name)?.metrics.target?.accuracy ?? 0;
console.log(`source-only ${accuracy("source-only").toFixed(3)}, dann ${accuracy("dann").toFixed(3)}`);
gate("dann on the target", accuracy("dann"), 0.85);
gate("gain over source-only", accuracy("dann") - accuracy("source-only"), 0.05);
