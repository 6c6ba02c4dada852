/**
 * What readers return and training consumes: rows of one domain as they came, before any preprocessing. Preprocessing
 * is a part of the model's graph (`preprocess.ts`), so that a saved model takes raw rows.
 */

import type { ImageFit } from "./config.ts";

/** A column of a table. Missing numbers are NaN, missing categories and texts are `undefined`/-1. */
export type Column =
  | { readonly kind: "number"; readonly name: string; readonly values: Float64Array }
  | {
      readonly kind: "category";
      readonly name: string;
      readonly codes: Int32Array;
      readonly vocabulary: readonly string[];
    }
  | {
      readonly kind: "text";
      readonly name: string;
      readonly values: readonly (string | undefined)[];
      /** Told from the cells, not asked for: training refuses it until somebody says that it is text. */
      readonly guessed?: true;
    };

/** Rows of named columns (CSV, TSV, JSONL, Parquet). */
export interface TableRows {
  readonly kind: "table";
  readonly rows: number;
  readonly columns: readonly Column[];
}

/** Dense unnamed features [rows, width], float32 (NPY, NPZ, IDX of rank 2, synthetic data). */
export interface DenseRows {
  readonly kind: "dense";
  readonly rows: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** Sparse non-negative-index features in compressed rows (svmlight). */
export interface SparseRows {
  readonly kind: "sparse";
  readonly rows: number;
  readonly width: number;
  /** First index of the file it came from: files of one task must agree on it. */
  readonly indexBase: 0 | 1;
  /** Row i holds entries offsets[i] to offsets[i+1]. */
  readonly offsets: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** Images [rows, height, width, channels], uint8; channels 1 or 3. */
export interface ImageRows {
  readonly kind: "image";
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
  /** How images of other sizes became this one, where they were resized as they were read. */
  readonly fit?: ImageFit | undefined;
}

/** Signals [rows, channels, length], float32. */
export interface SignalRows {
  readonly kind: "signal";
  readonly rows: number;
  readonly channels: number;
  readonly length: number;
  readonly values: Float32Array;
  /** Names of the channels, where they were columns of a table. */
  readonly names?: readonly string[];
}

export type Rows = TableRows | DenseRows | SparseRows | ImageRows | SignalRows;

export interface Sources {
  readonly names: readonly string[];
  /** int32 [rows] */
  readonly of: Int32Array;
}

/** What a file holds: rows, and beside them what is not a feature. */
export interface Dataset {
  /** Where it came from, for messages: a path or `moons(…)`. */
  readonly origin: string;
  readonly rows: Rows;
  /** Names of all columns of the file, those that are no features included: for messages about names. */
  readonly fields?: readonly string[];
  /** The label of each row as text; undefined where a row has none. Absent when no label column was named. */
  readonly labels?: readonly (string | undefined)[];
  /** Identifier carried into predictions (`--id`). */
  readonly ids?: readonly string[];
  /** Rows of one group are never split (`--group`). */
  readonly groups?: readonly string[];
  /** Of several data sets in one (`poolDatasets`): their names, and the number of the one that each row is from. */
  readonly sources?: Sources;
  /** What the reader left out, for people. */
  readonly notes?: readonly string[];
}
