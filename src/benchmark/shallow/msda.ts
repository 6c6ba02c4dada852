/**
 * Marginalised stacked denoising auto-encoders (Chen, Xu, Weinberger and Sha 2012), the features that JMLR 17, section
 * 5.1.2, gives the shallow DANN: a linear map W that undoes random corruption in the mean over *all* corruptions, in
 * closed form, then tanh, layer on layer; the features are the input and all layers beside each other.
 *
 * With x the row and a constant 1 (the constant is never corrupted), c_i = 1 - corruption its share that survives,
 * S = sum x x^T over the training rows of both domains, the expectations over corrupted copies x~ are
 *
 *   Q = E[x~ x~^T]: Q_ij = c_i c_j S_ij, Q_ii = c_i S_ii      P = E[x x~^T]: P_ij = S_ij c_j      W = P (Q + r I)^-1
 *
 * Off the diagonal P is Q / c: so W = (I - diag(g) (Q + r I)^-1) / c with g_i = Q_ii + r - c P_ii, one inverse and no
 * second product.
 */
import type { DenseRows } from "../../data/dataset.ts";
import { usageError } from "../../errors.ts";
import type { FeatureRows } from "./feature-rows.ts";
import { invertPositiveDefinite } from "./inverse.ts";
import { type Block, type Products, selfProducts } from "./products.ts";

export interface MsdaSettings {
  /** Share of the features that is set to zero; default 0.5, as in JMLR 17. */
  readonly corruption?: number;
  /** Default 5, as in JMLR 17. */
  readonly layers?: number;
  /** r, added to the diagonal of Q for the features; default 1e-5, the authors'. */
  readonly ridge?: number;
}

/** h = tanh(W x + bias) */
export interface MsdaLayer {
  /** W [width, width] */
  readonly weights: Float32Array;
  /** [width] */
  readonly bias: Float32Array;
}

export interface MsdaRequest {
  /** Rows that the layers are fitted on: the unlabelled training rows of both domains. */
  readonly fit: readonly FeatureRows[];
  /** More rows that are mapped, such as those of a test. */
  readonly apply?: readonly FeatureRows[];
  readonly settings?: MsdaSettings;
}

export interface MsdaFeatures {
  /** [x, h_1, ..., h_L] of the rows that were fitted, [rows, width (L + 1)]. */
  readonly fit: readonly DenseRows[];
  readonly apply: readonly DenseRows[];
}

/** Layers, and the features of the rows that they were fitted on, which come with them. */
export interface MsdaFit {
  readonly layers: readonly MsdaLayer[];
  readonly features: readonly DenseRows[];
}

/** Rows that go through a layer at once: keeps the engine's copies small. */
const chunkRows = 1024;

/** Fits layer after layer and gives the features of all rows. */
export async function msda(request: MsdaRequest, products: Products): Promise<MsdaFeatures> {
  const { fit, apply = [], settings = {} } = request;
  checkMsda(fit, apply, settings);
  const { layers, features } = await fitMsda(fit, products, settings);
  const applied: DenseRows[] = [];
  for (const rows of apply) applied.push(await applyMsda(layers, rows, products));
  return { fit: features, apply: applied };
}

/** The layers alone, where there are too many rows for all their features: of each only the last part is kept. */
export async function msdaLayers(
  rows: readonly FeatureRows[],
  products: Products,
  settings: MsdaSettings = {},
): Promise<MsdaLayer[]> {
  checkMsda(rows, [], settings);
  return fitLayers(rows.map(lastPartOf), products, settings);
}

/** The layers, and the features that the rows had of them on the way. */
export async function fitMsda(
  rows: readonly FeatureRows[],
  products: Products,
  settings: MsdaSettings = {},
): Promise<MsdaFit> {
  checkMsda(rows, [], settings);
  const parts = rows.map((each) => partsOf(each, settings.layers ?? 5));
  const layers = await fitLayers(parts, products, settings);
  return { layers, features: parts.map(({ features }) => features) };
}

/** Rows on their way through the layers: the part of them that the last one has made, the rows themselves at first. */
interface Parts {
  readonly last: () => Block<Float32Array>;
  readonly add: (part: Block<Float32Array>) => void;
}

/** Layer after layer, each fitted on what the one before makes of the rows. */
async function fitLayers(parts: readonly Parts[], products: Products, settings: MsdaSettings): Promise<MsdaLayer[]> {
  const layers: MsdaLayer[] = [];
  for (let at = 0; at < (settings.layers ?? 5); at++) {
    const layer = await msdaLayer(
      parts.map(({ last }) => last()),
      products,
      settings,
    );
    layers.push(layer);
    for (const part of parts) part.add(await applyLayer(layer, part.last(), products));
  }
  return layers;
}

function lastPartOf(rows: FeatureRows): Parts {
  let last = denseBlock(rows);
  const add = (part: Block<Float32Array>): void => {
    last = part;
  };
  return { last: () => last, add };
}

/** [x, h_1, ..., h_L] of rows, [rows, width (L + 1)]. */
export async function applyMsda(
  layers: readonly MsdaLayer[],
  rows: FeatureRows,
  products: Products,
): Promise<DenseRows> {
  const { features, last, add } = partsOf(rows, layers.length);
  for (const layer of layers) add(await applyLayer(layer, last(), products));
  return features;
}

/** Features of rows that grow by a part [rows, width] a layer; the first part is the rows themselves. */
function partsOf(rows: FeatureRows, depth: number): Parts & { readonly features: DenseRows } {
  const width = rows.width * (depth + 1);
  const features: DenseRows = { kind: "dense", rows: rows.rows, width, values: new Float32Array(rows.rows * width) };
  let [last, count] = [denseBlock(rows), 0];
  const add = (part: Block<Float32Array>): void => {
    place(features.values, part, count, depth + 1);
    last = part;
    count++;
  };
  add(last);
  return { features, last: () => last, add };
}

/** One layer from training rows of equal width. */
export async function msdaLayer(
  rows: readonly Block<Float32Array>[],
  products: Products,
  { corruption = 0.5, ridge = 1e-5 }: MsdaSettings = {},
): Promise<MsdaLayer> {
  const { values, rows: size } = withConstant(rows);
  const width = size - 1;
  const kept = 1 - corruption;
  const matrix = await selfProducts({ values, rows: size, width: values.length / size }, products);
  // S to Q + r I in place, g beside it.
  const g = new Float64Array(width);
  for (let i = 0; i < size; i++) {
    const survives = i < width ? kept : 1;
    const diagonal = matrix[i * size + i] as number;
    for (let j = 0; j < size; j++) {
      const at = i * size + j;
      matrix[at] = (matrix[at] as number) * survives * (j < width ? kept : 1);
    }
    matrix[i * size + i] = survives * diagonal + (i < width ? ridge : 0);
    if (i < width) g[i] = (matrix[i * size + i] as number) - kept * (diagonal * kept);
  }
  await invertPositiveDefinite(matrix, size, products);
  const weights = new Float32Array(width * width);
  const bias = new Float32Array(width);
  for (let i = 0; i < width; i++) {
    const factor = (g[i] as number) / kept;
    for (let j = 0; j < width; j++)
      weights[i * width + j] = (i === j ? 1 / kept : 0) - factor * (matrix[i * size + j] as number);
    bias[i] = -factor * (matrix[i * size + width] as number);
  }
  return { weights, bias };
}

/** The training rows as columns, [width + 1, rows], the last row the constant 1. */
function withConstant(blocks: readonly Block<Float32Array>[]): Block<Float64Array> {
  const width = blocks[0]?.width ?? 0;
  const count = blocks.reduce((sum, { rows }) => sum + rows, 0);
  const values = new Float64Array((width + 1) * count).fill(1, width * count);
  let first = 0;
  for (const block of blocks) {
    for (let row = 0; row < block.rows; row++) {
      for (let i = 0; i < width; i++) values[i * count + first + row] = block.values[row * width + i] as number;
    }
    first += block.rows;
  }
  return { values, rows: width + 1, width: count };
}

async function applyLayer(
  { weights, bias }: MsdaLayer,
  block: Block<Float32Array>,
  products: Products,
): Promise<Block<Float32Array>> {
  const { width } = block;
  const result = new Float32Array(block.rows * width);
  for (let from = 0; from < block.rows; from += chunkRows) {
    const to = Math.min(block.rows, from + chunkRows);
    const chunk = { values: block.values.subarray(from * width, to * width), rows: to - from, width };
    result.set(await products.tanhLayer(chunk, { values: weights, rows: width, width }, bias), from * width);
  }
  return { values: result, rows: block.rows, width };
}

function denseBlock(rows: FeatureRows): Block<Float32Array> {
  if (rows.kind === "dense") return rows;
  const values = new Float32Array(rows.rows * rows.width);
  for (let row = 0; row < rows.rows; row++) {
    for (let entry = rows.offsets[row] ?? 0; entry < (rows.offsets[row + 1] ?? 0); entry++)
      values[row * rows.width + (rows.indices[entry] ?? 0)] = rows.values[entry] ?? 0;
  }
  return { values, rows: rows.rows, width: rows.width };
}

/** Writes a block as the `depth`-th of `depths` parts of every row. */
function place(into: Float32Array, { values, rows, width }: Block<Float32Array>, depth: number, depths: number): void {
  for (let row = 0; row < rows; row++)
    into.set(values.subarray(row * width, (row + 1) * width), (row * depths + depth) * width);
}

/** Refuses what no layer can be made of, or mapped by it. */
export function checkMsda(fit: readonly FeatureRows[], apply: readonly FeatureRows[], settings: MsdaSettings): void {
  const { corruption = 0.5, layers = 5, ridge = 1e-5 } = settings;
  const refuse = (code: string, expected: string, got: unknown): never => {
    throw usageError(code, `mSDA: expected ${expected}, got ${String(got)}`);
  };
  if (!(corruption > 0 && corruption < 1)) refuse("msda-corruption", "a corruption between 0 and 1", corruption);
  if (!Number.isInteger(layers) || layers < 1) refuse("msda-layers", "at least 1 layer", layers);
  if (!(ridge > 0)) refuse("msda-ridge", "a ridge above 0", ridge);
  const widths = [...new Set([...fit, ...apply].map((rows) => rows.width))];
  if (widths.length > 1) refuse("msda-width", "rows of equal width", widths.join(", "));
  if (fit.every((rows) => rows.rows === 0)) refuse("msda-rows", "rows to fit on", 0);
}
