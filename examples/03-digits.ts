/** Images: MNIST to Optdigits with the demo's data, fewer steps. Source-only reads about a half of the target. */
import { fileURLToPath } from "node:url";
import { adapt, type Dataset, readDataset } from "dann";
import { gate } from "./gate.ts";

const demo = (name: string): string => fileURLToPath(new URL(`../demo/${name}`, import.meta.url));
const digits = (name: string): Promise<Dataset> =>
  readDataset(demo(`${name}-images-idx3-ubyte.gz`), { labels: demo(`${name}-labels-idx1-ubyte.gz`) });
const source = await digits("mnist-train");
const { labels: _, ...target } = await digits("optdigits-train");

const run = await adapt({
  source,
  target,
  targetTest: await digits("optdigits-test"),
  preprocess: { imageSize: "16x16" },
  network: { name: "mnist", options: { reversalAt: "last-hidden", domainHidden: [128] } },
  train: { steps: 300 },
  evaluate: { adabn: false },
});
const { models } = await run.done;
const accuracy = (name: string): number => models.find((row) => row.name === name)?.metrics.target?.accuracy ?? 0;
console.log(`source-only ${accuracy("source-only").toFixed(3)}, dann ${accuracy("dann").toFixed(3)}`);
gate("gain over source-only", accuracy("dann") - accuracy("source-only"), 0.1);
