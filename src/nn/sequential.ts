/** Layers one after the other, and a layer beside a shortcut. */
import { usageError } from "../errors.ts";
import { add } from "../graph/index.ts";
import { printType } from "../graph/tensor.ts";
import type { Layer } from "./layer.ts";

/** Applies layers in turn, each in a scope of its name; a name that comes again is numbered: `relu`, `relu2`. */
export function sequential(name: string, layers: readonly Layer[]): Layer {
  const names = numbered(layers.map((layer) => layer.name));
  return {
    name,
    description: layers.map((layer) => layer.description).join(", "),
    mixesRows: layers.some((layer) => layer.mixesRows),
    apply: (x, scope) => layers.reduce((value, layer, i) => layer.apply(value, scope.child(names[i] ?? layer.name)), x),
  };
}

function numbered(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let use = 2; taken.has(unique); use++) unique = `${name}${use}`;
    taken.add(unique);
    return unique;
  });
}

export interface ResidualOptions {
  /** What brings x to the shape of the body's output; default x itself, which then must have that shape. */
  readonly shortcut?: Layer;
}

/** shortcut(x) + body(x) (He et al. 2016). */
export function residual(name: string, body: Layer, options: ResidualOptions = {}): Layer {
  const { shortcut } = options;
  return {
    name,
    description: `residual (${body.description})`,
    mixesRows: body.mixesRows || (shortcut?.mixesRows ?? false),
    apply(x, scope) {
      const out = body.apply(x, scope.child("body"));
      const skip = shortcut === undefined ? x : shortcut.apply(x, scope.child("shortcut"));
      // Broadcasting would hide a body that changes the number of channels from or to one.
      if (out.type.shape.join() !== skip.type.shape.join())
        throw usageError(
          "residual-shape",
          `residual ${name}: expected ${printType(skip.type)} from the body, got ${printType(out.type)}`,
          "Give a shortcut that changes the shape as the body does.",
        );
      return add(skip, out);
    },
  };
}
