/** Rows as a trained network sees them: what is trained on a frozen backbone is trained on these numbers. */

import { cacheOf } from "../../adapt/feature-cache.ts";
import { featuresOf } from "../../adapt/features.ts";
import { networkFrom } from "../../adapt/network.ts";
import type { NetworkSource } from "../../adapt/plan.ts";
import type { EncodedRows } from "../../data/encode.ts";
import type { PreprocessSpec } from "../../data/preprocess.ts";
import type { Domain } from "../../domain.ts";
import { internalError } from "../../errors.ts";
import type { Matrix } from "../../evaluate/logistic.ts";
import type { Backend } from "../../runtime/backend.ts";
import type { NamedRows } from "./named.ts";

export interface BackboneFeaturesRequest {
  /** By name, with a backbone whose weights stay. */
  readonly network: NetworkSource;
  readonly preprocess: PreprocessSpec;
  readonly source: EncodedRows;
  readonly target: EncodedRows;
  readonly backend: Backend;
  readonly threads: number;
  /** Folder where features are kept from run to run; undefined or false: nowhere. */
  readonly cache: string | false | undefined;
  readonly signal: AbortSignal;
  /** Called with the rows that are done. */
  readonly report: (done: number, total: number) => void;
}

export async function backboneFeatures(request: BackboneFeaturesRequest): Promise<NamedRows> {
  const { network, preprocess, source, target, backend, threads, signal, report } = request;
  const rows = { source: source.rows, target: target.rows };
  // Its head is made and not used, so its classes do not matter.
  const { frozen } = await networkFrom(network, { preprocess, classes: 2, rows });
  if (frozen === undefined) throw internalError("features were asked of a network without a frozen backbone");
  const cache = await cacheOf({ network, cache: request.cache });
  const asked = { preprocess, threads, frozen, backend, signal, cache };
  const total = source.rows + target.rows;
  const of = async (encoded: EncodedRows, domain: Domain, before: number): Promise<Matrix> => ({
    rows: encoded.rows,
    width: frozen.width,
    values: await featuresOf(asked, encoded, domain, (done) => report(before + done, total)),
  });
  return {
    kind: "backbone",
    features: Array.from({ length: frozen.width }, (_, j) => ({ name: `backbone feature ${j}` })),
    source: await of(source, "source", 0),
    target: await of(target, "target", source.rows),
  };
}
