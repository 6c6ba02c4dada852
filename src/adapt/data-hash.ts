/** A hash of the rows and the backbone that a session trains on and is scored with: a resumed run must see the same. Node only. */
import type { EncodedRows } from "../data/encode.ts";
import { readBytes } from "../train/read-bytes.ts";
import type { SessionPlan } from "./plan.ts";

/** All that rows are, for a hash. */
export function partsOf(rows: EncodedRows): (string | Uint8Array)[] {
  const arrays = Object.values(rows).filter((value) => ArrayBuffer.isView(value));
  return [
    `${rows.kind} ${rows.rows}`,
    ...arrays.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
    ...(rows.kind === "table" && rows.text !== undefined ? partsOf(rows.text) : []),
  ];
}

export async function hashPlan(plan: SessionPlan): Promise<string> {
  const { source, target, sourceScored, targetScored, preprocess, classes, network } = plan;
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  const add = (array: ArrayBufferView): void => {
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  };
  const addRows = (rows: EncodedRows): void => {
    for (const part of partsOf(rows)) hash.update(part);
  };
  hash.update(JSON.stringify({ preprocess, classes }));
  addRows(target);
  for (const labelled of [source, sourceScored, targetScored]) {
    if (labelled === undefined) continue;
    addRows(labelled.rows);
    add(labelled.labels);
  }
  if (network.kind === "named" && network.backbone !== undefined) {
    const { model } = network.backbone;
    add(typeof model === "string" ? await readBytes(model) : model);
  }
  return hash.digest("hex");
}
