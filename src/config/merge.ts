/** Layers of configuration laid over each other: defaults < preset < file < flags. */

export type Plain = { readonly [key: string]: unknown };

export const isPlain = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Keys of which the later layer's one replaces the earlier layer's other: naming both at once is still an error. */
const alternatives: readonly (readonly [string, string])[] = [["steps", "epochs"]];

/** Keys whose value is one of several kinds, told apart by its `name`. */
const unions: ReadonlySet<string> = new Set(["optimizer", "rate", "lambda"]);

/**
 * `over` laid on `base`: objects key by key, everything else replaced, `undefined` ignored. Another optimiser or
 * schedule replaces the one below whole, because the other keys there belong to the old one.
 */
export const merge = (base: Plain, over: Plain): Plain => lay(base, over, true);

/** Parts of one layer put together: nothing replaces anything but itself, so that contradictions stay to be refused. */
export const combine = (base: Plain, over: Plain): Plain => lay(base, over, false);

function lay(base: Plain, over: Plain, replaces: boolean): Plain {
  const result: Record<string, unknown> = { ...base };
  for (const [a, b] of replaces ? alternatives : []) {
    if (over[a] !== undefined) delete result[b];
    if (over[b] !== undefined) delete result[a];
  }
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const below = result[key];
    const fits = isPlain(below) && isPlain(value) && !(replaces && unions.has(key) && renames(value, below));
    result[key] = isPlain(value) ? lay(fits ? below : {}, value, replaces) : value;
  }
  return result;
}

const renames = (over: Plain, base: Plain): boolean => over.name !== undefined && over.name !== base.name;

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
