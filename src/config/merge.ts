/** Layers of configuration laid over each other: defaults < preset < file < flags. */

export type Plain = { readonly [key: string]: unknown };

export const isPlain = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Keys of which the later layer's one replaces the earlier layer's other: naming both at once is still an error. */
const alternatives: readonly (readonly [string, string])[] = [["steps", "epochs"]];

/**
 * `over` laid on `base`: objects key by key, everything else replaced, `undefined` ignored. An object whose `name`
 * changes (another optimiser, another schedule) is replaced whole, because its other keys belong to the old name.
 */
export function merge(base: Plain, over: Plain): Plain {
  const renamed = typeof over.name === "string" && base.name !== undefined && base.name !== over.name;
  const result: Record<string, unknown> = renamed ? {} : { ...base };
  for (const [a, b] of alternatives) {
    if (over[a] !== undefined) delete result[b];
    if (over[b] !== undefined) delete result[a];
  }
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const below = result[key];
    result[key] = isPlain(value) ? merge(isPlain(below) ? below : {}, value) : value;
  }
  return result;
}

/** `{ a: { b: value } }` for `a.b`. */
export const nest = (path: readonly string[], value: unknown): Plain =>
  path.length === 0
    ? (value as Plain)
    : { [path[0] as string]: path.length === 1 ? value : nest(path.slice(1), value) };

/** The value at a path, or undefined. */
export const valueAt = (object: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<string | number, unknown>)[key] : undefined,
    object,
  );
