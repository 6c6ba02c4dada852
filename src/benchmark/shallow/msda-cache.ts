/**
 * mSDA features of a pair, kept in files: they cost minutes and every method and seed of the pair reads the same ones, in
 * both directions. An entry a layer, a set of rows and the products of a pair, named by a hash of all that went in
 * (`data/cache.ts`). Rows that are fitted are put in an order of their own first: a sum in another order has other last
 * bits. Node only.
 */
import { cacheKey, readCached, writeCached } from "../../data/cache.ts";
import type { DenseRows } from "../../data/dataset.ts";
import { type FeatureRows, stackRows } from "./feature-rows.ts";
import {
  applyMsda,
  checkMsda,
  fitMsda,
  type MsdaFeatures,
  type MsdaLayer,
  type MsdaRequest,
  msdaLayers,
} from "./msda.ts";
import { type Products, pickProducts, type RowProducts, selfProducts } from "./products.ts";

/**
 * `msda`, from the folder where it holds them whole, else worked out and kept there: 120 MB a thousand rows of 5,000
 * words, and 100 MB a layer, so that rows that are asked for later need no new fit. Without a folder nothing is kept.
 */
export async function cachedMsda(
  request: MsdaRequest,
  products: Products,
  folder: string | undefined,
): Promise<MsdaFeatures> {
  const { fit, apply = [], settings = {} } = request;
  checkMsda(fit, apply, settings);
  const depth = settings.layers ?? 5;
  const [fitted, applied] = [fit.map(named), apply.map(named)];
  const sorted = inOwnOrder(fitted);
  const key = keyOf(sorted, settings);
  const features = new Map<string, DenseRows>();
  const keep = async ({ content }: Named, rows: DenseRows): Promise<void> => {
    features.set(content, rows);
    await keepFloats(folder, `msda-${key}-${content}`, rows.values);
  };
  for (const { rows, content } of [...fitted, ...applied]) {
    const size = rows.rows * rows.width * (depth + 1);
    const values = await readFloats(folder, `msda-${key}-${content}`, size);
    if (values !== undefined)
      features.set(content, { kind: "dense", rows: rows.rows, width: rows.width * (depth + 1), values });
  }
  const lacking = (some: readonly Named[]): Named[] => some.filter(({ content }) => !features.has(content));
  if (lacking([...fitted, ...applied]).length > 0) {
    const kept = lacking(fitted).length > 0 ? undefined : await readLayers(folder, key, fit[0]?.width ?? 0, depth);
    let layers: readonly MsdaLayer[] = kept ?? [];
    if (kept === undefined) {
      const made = await fitMsda(
        sorted.map(({ rows }) => rows),
        products,
        settings,
      );
      layers = made.layers;
      await keepLayers(folder, key, layers);
      for (const [i, one] of sorted.entries()) await keep(one, made.features[i] as DenseRows);
    }
    for (const one of lacking(applied)) await keep(one, await applyMsda(layers, one.rows, products));
  }
  const of = (some: readonly Named[]): DenseRows[] => some.map(({ content }) => features.get(content) as DenseRows);
  return { fit: of(fitted), apply: of(applied) };
}

/** `msdaLayers`, from the folder where it holds them whole, else worked out and kept there. */
export async function cachedLayers(
  { fit, settings = {} }: Omit<MsdaRequest, "apply">,
  products: Products,
  folder: string | undefined,
): Promise<readonly MsdaLayer[]> {
  checkMsda(fit, [], settings);
  const sorted = inOwnOrder(fit.map(named));
  const key = keyOf(sorted, settings);
  const kept = await readLayers(folder, key, fit[0]?.width ?? 0, settings.layers ?? 5);
  if (kept !== undefined) return kept;
  const layers = await msdaLayers(
    sorted.map(({ rows }) => rows),
    products,
    settings,
  );
  await keepLayers(folder, key, layers);
  return layers;
}

/** [n, n] products of the rows of two sets, first above second, in whatever order they were made. */
export async function cachedProducts(
  first: FeatureRows,
  second: FeatureRows,
  products: Products,
  folder: string | undefined,
): Promise<RowProducts> {
  const [a, b] = [named(first), named(second)];
  const turned = b.content < a.content;
  const [above, below] = turned ? [b, a] : [a, b];
  const size = first.rows + second.rows;
  const entry = `products-${cacheKey([above.content, below.content])}`;
  let values = await readFloats(folder, entry, size * size);
  if (values === undefined) {
    const stacked = stackRows(above.rows, below.rows);
    if (stacked.kind === "sparse") throw new TypeError("products are for dense rows");
    values = await selfProducts({ values: stacked.values, rows: size, width: stacked.width }, products);
    await keepFloats(folder, entry, values);
  }
  const made = { values, engine: products };
  if (!turned) return made;
  const back = Array.from({ length: size }, (_, i) => (i + second.rows) % size);
  return pickProducts(made, size, back);
}

interface Named {
  readonly rows: FeatureRows;
  readonly content: string;
}

function named(rows: FeatureRows): Named {
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  const parts = rows.kind === "sparse" ? [rows.offsets, rows.indices, rows.values] : [rows.values];
  hash.update(`${rows.kind} ${rows.rows} ${rows.width}`);
  for (const part of parts) hash.update(bytesOf(part));
  return { rows, content: hash.digest("hex").slice(0, 32) };
}

const inOwnOrder = (some: readonly Named[]): Named[] => [...some].sort((a, b) => (a.content < b.content ? -1 : 1));

const keyOf = (
  sorted: readonly Named[],
  { corruption = 0.5, layers: depth = 5, ridge = 1e-5 }: NonNullable<MsdaRequest["settings"]>,
): string => cacheKey({ corruption, depth, ridge, rows: sorted.map(({ content }) => content) });

async function keepLayers(folder: string | undefined, key: string, layers: readonly MsdaLayer[]): Promise<void> {
  for (const [i, { weights, bias }] of layers.entries()) await keepFloats(folder, layerEntry(key, i), weights, bias);
}

const layerEntry = (key: string, at: number): string => `msda-${key}-layer-${at}`;

async function readLayers(
  folder: string | undefined,
  key: string,
  width: number,
  depth: number,
): Promise<MsdaLayer[] | undefined> {
  const layers: MsdaLayer[] = [];
  for (let i = 0; i < depth; i++) {
    const values = await readFloats(folder, layerEntry(key, i), width * (width + 1));
    if (values === undefined) return undefined;
    layers.push({ weights: values.subarray(0, width * width), bias: values.subarray(width * width) });
  }
  return layers;
}

/** The floats of an entry; undefined where there is none with so many. */
async function readFloats(folder: string | undefined, entry: string, count: number): Promise<Float32Array | undefined> {
  const bytes = folder === undefined ? undefined : await readCached(folder, entry);
  if (bytes === undefined || bytes.byteLength !== 4 * count) return undefined;
  // Entries begin behind a digest of 32 bytes, so floats are aligned.
  return new Float32Array(bytes.buffer, bytes.byteOffset, count);
}

async function keepFloats(folder: string | undefined, entry: string, ...parts: readonly Float32Array[]): Promise<void> {
  if (folder !== undefined) await writeCached(folder, entry, ...parts.map(bytesOf));
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
