/** UMAP (McInnes, Healy and Melville 2018): rows that are near each other stay so in the plane. */
import type { Random } from "../../random.ts";
import { politely } from "../../train/yield.ts";

/** The method's own default, the row itself among them; fewer where there are few rows. */
const neighbours = 15;

/** The method's own number for few rows is 500: the layout has settled before, and its time goes with them. */
const epochs = 120;

/** Places in the plane, in the order of the rows. Gives the event loop turns as it works. */
export async function umap(rows: readonly (readonly number[])[], chance: Random): Promise<[number, number][]> {
  const { UMAP } = await import("umap-js");
  const count = Math.min(neighbours, rows.length - 1);
  const layout = new UMAP({
    nNeighbors: count,
    minDist: 0.1,
    nEpochs: epochs,
    random: () => chance.uint32() / 2 ** 32,
  });
  // Of few rows all distances are sooner computed than the nearest ones guessed, as the library would.
  const nearest = rows.map((row) => nearestOf(row, rows, count));
  layout.setPrecomputedKNN(
    nearest.map((own) => own.map(({ at }) => at)),
    nearest.map((own) => own.map(({ distance }) => distance)),
  );
  const breathe = politely();
  const steps = layout.initializeFit(rows.map((row) => [...row]));
  for (let step = 0; step < steps; step++) {
    layout.step();
    await breathe();
  }
  return layout.getEmbedding().map(([x = 0, y = 0]) => [x, y]);
}

interface Neighbour {
  readonly at: number;
  readonly distance: number;
}

function nearestOf(row: readonly number[], rows: readonly (readonly number[])[], count: number): Neighbour[] {
  const squares = rows.map((other) => {
    let sum = 0;
    for (let i = 0; i < row.length; i++) sum += ((row[i] ?? 0) - (other[i] ?? 0)) ** 2;
    return sum;
  });
  return squares
    .map((square, at) => ({ at, distance: Math.sqrt(square) }))
    .sort((a, b) => a.distance - b.distance || a.at - b.at)
    .slice(0, count);
}
