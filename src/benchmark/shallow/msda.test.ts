import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openBackend } from "#runtime";
import type { DenseRows } from "../../data/dataset.ts";
import { random } from "../../random.ts";
import { invertPositiveDefinite } from "./inverse.ts";
import { fitMsda, type MsdaFeatures, type MsdaRequest, msda, msdaLayer, msdaLayers } from "./msda.ts";
import { cachedMsda, cachedProducts } from "./msda-cache.ts";
import { engineProducts, type Products, selfProducts } from "./products.ts";

let products: Products;
beforeAll(async () => {
  products = await engineProducts(await openBackend("auto"));
});
afterAll(() => products.dispose());

const normals = (count: number, seed: number): Float64Array => {
  const chance = random(seed);
  return Float64Array.from({ length: count }, () => chance.normal());
};

describe("the inverse", () => {
  test.each([
    [7, 3],
    [40, 16],
    [40, 64],
  ])("of %d rows in blocks of %d, times the matrix, is the identity", async (size, block) => {
    const matrix = await selfProducts(
      { values: normals(size * (size + 9), 1), rows: size, width: size + 9 },
      products,
      block,
    );
    const inverse = matrix.slice();
    await invertPositiveDefinite(inverse, size, products, block);
    let largest = 0;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        let sum = i === j ? -1 : 0;
        for (let k = 0; k < size; k++) sum += (matrix[i * size + k] ?? 0) * (inverse[k * size + j] ?? 0);
        largest = Math.max(largest, Math.abs(sum));
      }
    }
    expect(largest).toBeLessThan(1e-9);
  });

  test("is refused where there is none", async () => {
    await expect(invertPositiveDefinite(Float64Array.of(1, 2, 2, 1), 2, products)).rejects.toThrow(
      "got pivot -3 in row 1",
    );
  });
});

/** Word presence, so that corruption matters; the last word occurs in no row. */
const words = (rows: number, width: number, seed: number): DenseRows => {
  const chance = random(seed);
  const values = Float32Array.from({ length: rows * width }, (_, i) =>
    i % width === width - 1 || chance.uniform() < 0.4 ? 0 : 1 + chance.integer(3),
  );
  return { kind: "dense", rows, width, values };
};

/**
 * The minimiser of the expected squared error over every one of the 2^width corruptions, each with its probability, by
 * the normal equations and Gauss' elimination: nothing of the closed form.
 */
function byEnumeration({ values, rows, width }: DenseRows, corruption: number, ridge: number): number[][] {
  const size = width + 1;
  const zeros = (): number[][] => Array.from({ length: size }, () => Array(size).fill(0));
  const [q, p] = [zeros(), zeros()];
  for (let row = 0; row < rows; row++) {
    const x = [...values.subarray(row * width, (row + 1) * width), 1];
    for (let mask = 0; mask < 2 ** width; mask++) {
      const kept = x.map((_, i) => i === width || ((mask >> i) & 1) === 1);
      const probability = kept
        .slice(0, width)
        .reduce((product, each) => product * (each ? 1 - corruption : corruption), 1);
      const noisy = x.map((value, i) => (kept[i] ? value : 0));
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          (q[i] as number[])[j] = (q[i]?.[j] ?? 0) + probability * (noisy[i] ?? 0) * (noisy[j] ?? 0);
          (p[i] as number[])[j] = (p[i]?.[j] ?? 0) + probability * (x[i] ?? 0) * (noisy[j] ?? 0);
        }
      }
    }
  }
  for (let i = 0; i < width; i++) (q[i] as number[])[i] = (q[i]?.[i] ?? 0) + ridge;
  return p.slice(0, width).map((row) =>
    solve(
      q.map((each) => each.slice()),
      row.slice(),
    ),
  );
}

function solve(matrix: number[][], right: number[]): number[] {
  const size = right.length;
  for (let k = 0; k < size; k++) {
    for (let i = k + 1; i < size; i++) {
      const factor = (matrix[i]?.[k] ?? 0) / (matrix[k]?.[k] ?? 0);
      for (let j = k; j < size; j++)
        (matrix[i] as number[])[j] = (matrix[i]?.[j] ?? 0) - factor * (matrix[k]?.[j] ?? 0);
      right[i] = (right[i] ?? 0) - factor * (right[k] ?? 0);
    }
  }
  for (let k = size - 1; k >= 0; k--) {
    let sum = right[k] ?? 0;
    for (let j = k + 1; j < size; j++) sum -= (matrix[k]?.[j] ?? 0) * (right[j] ?? 0);
    right[k] = sum / (matrix[k]?.[k] ?? 0);
  }
  return right;
}

describe("mSDA", () => {
  test.each([0.5, 0.2])("a layer is the best map over all corruptions of share %d", async (corruption) => {
    const [a, b] = [words(9, 5, 2), words(6, 5, 3)];
    const { weights, bias } = await msdaLayer([a, b], products, { corruption, ridge: 1e-3 });
    const both: DenseRows = { kind: "dense", rows: 15, width: 5, values: Float32Array.of(...a.values, ...b.values) };
    byEnumeration(both, corruption, 1e-3).forEach((expected, i) => {
      expected.slice(0, 5).forEach((value, j) => {
        expect(weights[i * 5 + j]).toBeCloseTo(value, 5);
      });
      expect(bias[i]).toBeCloseTo(expected[5] ?? Number.NaN, 5);
    });
    // A word that never occurs is neither predicted nor predicts.
    for (let i = 0; i < 5; i++) expect(Math.abs(weights[4 * 5 + i] ?? 1)).toBe(0);
  });

  test("stacks tanh of layers beside the input, for rows that were fitted and others alike", async () => {
    const [fit, other] = [words(12, 4, 5), words(5, 4, 6)];
    const settings = { corruption: 0.3, layers: 2 };
    const {
      fit: [mapped],
      apply: [applied],
    } = await msda({ fit: [fit], apply: [other, fit], settings }, products);
    expect([mapped?.width, mapped?.rows, applied?.rows]).toEqual([12, 12, 5]);
    expect(Array.from(mapped?.values.subarray(0, 4) ?? [])).toEqual(Array.from(fit.values.subarray(0, 4)));
    const first = await msdaLayer([fit], products, settings);
    const row = other.values.subarray(4, 8);
    for (let i = 0; i < 4; i++) {
      const sum = row.reduce((total, value, j) => total + (first.weights[i * 4 + j] ?? 0) * value, first.bias[i] ?? 0);
      expect(applied?.values[12 + 4 + i]).toBeCloseTo(Math.tanh(sum), 5);
    }
    const hidden: DenseRows = { kind: "dense", rows: 12, width: 4, values: new Float32Array(48) };
    for (let r = 0; r < 12; r++) hidden.values.set(mapped?.values.subarray(r * 12 + 4, r * 12 + 8) ?? [], r * 4);
    const second = await msdaLayer([hidden], products, settings);
    const deep = hidden.values.subarray(0, 4);
    for (let i = 0; i < 4; i++) {
      const sum = deep.reduce(
        (total, value, j) => total + (second.weights[i * 4 + j] ?? 0) * value,
        second.bias[i] ?? 0,
      );
      expect(mapped?.values[8 + i]).toBeCloseTo(Math.tanh(sum), 5);
    }
  });

  test("the layers alone are those that come with features", async () => {
    const rows = [words(9, 4, 7), words(7, 4, 8)];
    const settings = { corruption: 0.3, layers: 3 };
    expect(await msdaLayers(rows, products, settings)).toEqual((await fitMsda(rows, products, settings)).layers);
  });

  test("sparse rows give what dense ones give", async () => {
    const dense = words(6, 3, 1);
    const sparse = {
      kind: "sparse",
      rows: 6,
      width: 3,
      indexBase: 0,
      offsets: Uint32Array.from({ length: 7 }, (_, i) => 3 * i),
      indices: Uint32Array.from({ length: 18 }, (_, i) => i % 3),
      values: dense.values,
    } as const;
    const [a, b] = [await msda({ fit: [dense] }, products), await msda({ fit: [sparse] }, products)];
    expect(b.fit[0]?.values).toEqual(a.fit[0]?.values);
    expect(a.fit[0]?.width).toBe(18);
  });

  test.each([
    [{ corruption: 1 }, "expected a corruption between 0 and 1, got 1"],
    [{ layers: 0 }, "expected at least 1 layer, got 0"],
    [{ ridge: 0 }, "expected a ridge above 0, got 0"],
  ])("refuses %j", async (settings, message) => {
    await expect(msda({ fit: [words(4, 3, 1)], settings }, products)).rejects.toThrow(message);
  });

  test("refuses rows of unequal width", async () => {
    await expect(msda({ fit: [words(4, 3, 1)], apply: [words(4, 2, 1)] }, products)).rejects.toThrow(
      "expected rows of equal width, got 3, 2",
    );
  });

  describe("kept features", () => {
    let [fits, maps] = [0, 0];
    const counting: Products = {
      ...products,
      outer: (...each) => {
        fits++;
        return products.outer(...each);
      },
      tanhLayer: (...each) => {
        maps++;
        return products.tanhLayer(...each);
      },
    };
    /** Features, and whether layers were fitted and rows mapped for them. */
    const ask = async (request: MsdaRequest, folder: string): Promise<[MsdaFeatures, boolean, boolean]> => {
      [fits, maps] = [0, 0];
      const features = await cachedMsda(request, { ...counting, dispose: products.dispose }, folder);
      return [features, fits > 0, maps > 0];
    };
    const temporary = async (): Promise<string> => {
      const folder = await mkdtemp(join(tmpdir(), "dann-msda-"));
      onTestFinished(() => rm(folder, { recursive: true }));
      return folder;
    };
    const [one, two, other] = [words(12, 4, 5), words(9, 4, 8), words(5, 4, 6)];
    const request = { fit: [one, two], apply: [other], settings: { layers: 2 } };

    test("are read again, those of other rows or settings, or damaged ones, are not", async () => {
      const folder = await temporary();
      const [first, ...made] = await ask(request, folder);
      const [again, ...madeAgain] = await ask(request, folder);
      expect([made, madeAgain]).toEqual([
        [true, true],
        [false, false],
      ]);
      const plain = await msda(request, products);
      for (const features of [first, again]) {
        for (const [i, { values }] of plain.fit.entries())
          values.forEach((value, j) => {
            expect(features.fit[i]?.values[j]).toBeCloseTo(value, 5);
          });
        plain.apply[0]?.values.forEach((value, j) => {
          expect(features.apply[0]?.values[j]).toBeCloseTo(value, 5);
        });
      }
      expect(again).toEqual(first);
      expect((await ask({ ...request, settings: { layers: 2, corruption: 0.4 } }, folder))[1]).toBe(true);
      expect((await ask({ ...request, fit: [one, other] }, folder))[1]).toBe(true);
      for (const name of await readdir(folder)) await writeFile(join(folder, name), "damaged");
      expect((await ask(request, folder)).slice(1)).toEqual([true, true]);
    });

    test("serve both directions, to the last bit, and layers the rows that come later", async () => {
      const folder = await temporary();
      const [there] = await ask(request, folder);
      const [back, ...made] = await ask({ ...request, fit: [two, one] }, folder);
      expect([back, made]).toEqual([{ fit: there.fit.toReversed(), apply: there.apply }, [false, false]]);
      const later = { ...request, apply: [other, words(5, 4, 7)] };
      const [more, ...madeMore] = await ask(later, folder);
      expect(madeMore).toEqual([false, true]);
      const fresh = await temporary();
      await ask({ ...request, fit: [two, one] }, fresh);
      expect(more.apply).toEqual((await ask(later, fresh))[0].apply);
    });

    test("products of a pair serve both directions", async () => {
      const folder = await temporary();
      const { values: there } = await cachedProducts(one, two, products, folder);
      const { values: back } = await cachedProducts(two, one, products, folder);
      expect(await readdir(folder)).toHaveLength(1);
      const dot = (a: DenseRows, i: number, b: DenseRows, j: number): number =>
        [0, 1, 2, 3].reduce((sum, k) => sum + (a.values[4 * i + k] ?? 0) * (b.values[4 * j + k] ?? 0), 0);
      expect(there[3 * 21 + 14]).toBeCloseTo(dot(one, 3, two, 2), 5);
      expect(back[3 * 21 + 14]).toBeCloseTo(dot(two, 3, one, 5), 5);
      expect(back[0]).toBe(there[12 * 21 + 12]);
    });
  });
});
