/** UMAP (McInnes, Healy and Melville 2018): rows that are near each other stay so in the plane. */
import type { Random } from "../../random.ts";
import { politely } from "../../train/yield.ts";

/** The method's own default; fewer where there are few rows. */
const neighbours = 15;

/** The method's own number for few rows is 500: the layout has settled before, and its time goes with them. */
const epochs = 150;

/** Places in the plane, in the order of the rows. Gives the event loop turns as it works. */
export async function umap(rows: readonly (readonly number[])[], chance: Random): Promise<[number, number][]> {
  const { UMAP } = await import("umap-js");
  const layout = new UMAP({
    nNeighbors: Math.min(neighbours, rows.length - 1),
    minDist: 0.1,
    nEpochs: epochs,
    random: () => chance.uint32() / 2 ** 32,
  });
  const breathe = politely();
  const steps = layout.initializeFit(rows.map((row) => [...row]));
  for (let step = 0; step < steps; step++) {
    layout.step();
    await breathe();
  }
  return layout.getEmbedding().map(([x = 0, y = 0]) => [x, y]);
}
