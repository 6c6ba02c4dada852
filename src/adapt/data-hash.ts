/**
 * Hashes of data. Of the rows and the backbone that a session trains on and is scored with: a resumed run must see the
 * same. Of data sets as they were read, and of the files that a recipe names: the same experiment on others is another
 * one. Node only.
 */
import type { RecipeConfig } from "../config/schema.ts";
import type { Dataset } from "../data/dataset.ts";
import type { EncodedRows } from "../data/encode.ts";
import { readBytes } from "../train/read-bytes.ts";
import { isModule } from "./network.ts";
import type { SessionPlan } from "./plan.ts";
import type { AdaptData } from "./prepare.ts";
import { isRefinePlan, type RefinePlan } from "./refine/plan.ts";

/** All that rows are, for a hash. */
export function partsOf(rows: EncodedRows): (string | Uint8Array)[] {
  const arrays = Object.values(rows).filter((value) => ArrayBuffer.isView(value));
  return [
    `${rows.kind} ${rows.rows}`,
    ...arrays.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
    ...(rows.kind === "table" && rows.text !== undefined ? partsOf(rows.text) : []),
  ];
}

export async function hashPlan(plan: SessionPlan | RefinePlan): Promise<string> {
  const { target, targetScored, preprocess, classes, network, task } = plan;
  const [source, sourceScored, labelledTarget] = isRefinePlan(plan)
    ? []
    : [plan.source, plan.sourceScored, plan.labelledTarget];
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  const add = (array: ArrayBufferView): void => {
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  };
  const addRows = (rows: EncodedRows): void => {
    for (const part of partsOf(rows)) hash.update(part);
  };
  hash.update(JSON.stringify({ preprocess, classes, ...(task.kind !== "classification" && { task }) }));
  addRows(target);
  for (const labelled of [source, sourceScored, targetScored, labelledTarget]) {
    if (labelled === undefined) continue;
    addRows(labelled.rows);
    add(labelled.labels);
  }
  if (!isRefinePlan(plan) && plan.sources !== undefined) add(plan.sources.of);
  // The model that a refinement goes on from is a part of its data.
  if (isRefinePlan(plan)) for (const { data } of plan.start.state.values()) add(data);
  if (network.kind === "named" && network.backbone !== undefined) {
    const { model } = network.backbone;
    add(typeof model === "string" ? await readBytes(model) : model);
  }
  return hash.digest("hex");
}

/** Of data sets before any preprocessing. Where they came from and what was said in reading them does not enter. */
export function hashData({ source, target, targetLabelled, sourceTest, targetTest }: AdaptData): string {
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  const add = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) {
      hash.update(`${value.constructor.name} ${value.byteLength} `);
      hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else if (Array.isArray(value) && typeof value[0] !== "object") {
      hash.update(JSON.stringify(value));
    } else if (typeof value === "object" && value !== null) {
      for (const [key, part] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (part === undefined) continue;
        hash.update(`${key}: `);
        add(part);
      }
      hash.update("; ");
    } else {
      hash.update(`${typeof value} ${String(value)} `);
    }
  };
  const parts: Readonly<Record<string, Dataset | undefined>> = { source, target, sourceTest, targetTest };
  // Where there are none they leave no trace: names of jobs from before they were known are still right.
  const given = targetLabelled === undefined ? parts : { ...parts, targetLabelled };
  for (const [name, dataset] of Object.entries(given)) {
    const { rows, labels, groups, sources } = dataset ?? {};
    hash.update(name);
    add({ rows, labels, groups, sources: sources?.of });
  }
  return hash.digest("hex");
}

/** Of what lies behind the paths of a recipe: backbone, tokenizer, module. Undefined where it names none. */
export async function hashRecipeFiles({ network }: Pick<RecipeConfig, "network">): Promise<string | undefined> {
  const { model, tokenizer } = network.backbone ?? {};
  const paths = [model, tokenizer, isModule(network.name) ? network.name : undefined];
  if (paths.every((path) => path === undefined)) return undefined;
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  for (const path of paths) {
    const bytes = path === undefined ? undefined : await readBytes(path);
    hash.update(`${bytes?.length ?? "none"} `);
    if (bytes !== undefined) hash.update(bytes);
  }
  return hash.digest("hex");
}
