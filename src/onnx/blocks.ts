/**
 * The blocks of an imported network, for training only the last of them. A block ends where a single tensor carries
 * everything on (behind a residual sum, between two layers of a chain) and holds at least one matrix or kernel;
 * normalisations that follow belong to it.
 */
import type { ImportedModel } from "./import.ts";

export interface Block {
  /** The tensor that leaves it. */
  readonly output: string;
  /** Weights that it reads, by name. A weight that blocks share is named in each. */
  readonly parameters: readonly string[];
}

interface Part extends Block {
  readonly heavy: boolean;
}

/** @param model imported with the features as its only wanted tensor: all its layers lead there. */
export function blocksOf(model: ImportedModel): Block[] {
  const blocks: Part[] = [];
  for (const part of partsOf(model)) {
    const last = blocks.at(-1);
    const joins = last !== undefined && !(part.heavy && last.heavy);
    if (!joins) blocks.push(part);
    else
      blocks[blocks.length - 1] = {
        output: part.output,
        parameters: [...last.parameters, ...part.parameters],
        heavy: last.heavy || part.heavy,
      };
  }
  return blocks
    .filter(({ parameters }) => parameters.length > 0)
    .map(({ output, parameters }) => ({ output, parameters: [...new Set(parameters)] }));
}

/** What lies between two tensors that everything passes through. */
function partsOf({ layers, parameters, inputs }: ImportedModel): Part[] {
  const lastReader = new Map<string, number>();
  layers.forEach(({ reads }, index) => {
    for (const name of reads) lastReader.set(name, index);
  });
  const live = new Set(Object.keys(inputs).filter((name) => lastReader.has(name)));
  const parts: Part[] = [];
  let own: string[] = [];
  layers.forEach((layer, index) => {
    own.push(...layer.parameters);
    for (const name of layer.reads) if (lastReader.get(name) === index) live.delete(name);
    live.add(layer.name);
    if (live.size > 1 && index < layers.length - 1) return;
    const heavy = own.some((name) => (parameters.get(name)?.dims.length ?? 0) > 1);
    parts.push({ output: layer.name, parameters: own, heavy });
    own = [];
  });
  return parts;
}
