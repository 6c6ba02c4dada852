/**
 * What a sweep varies. A setting is a list of words KEY=VALUE as `--set` takes them: what a person types, what a sweep
 * tries and what its winner's command says are then the same texts.
 */
import { parseValue } from "../../config/file.ts";
import { usageError } from "../../errors.ts";
import { type Random, random } from "../../random.ts";

export interface SweepSetting {
  /** Its words with blanks between; `as given` where nothing is changed. */
  readonly name: string;
  readonly words: readonly string[];
}

/** A key and what it may be. */
export type Axis =
  | { readonly kind: "values"; readonly key: string; readonly values: readonly string[] }
  | {
      readonly kind: "range";
      readonly key: string;
      readonly low: number;
      readonly high: number;
      /** Drawn evenly on a logarithmic scale. */
      readonly log: boolean;
    };

/** The product of all axes, the last one fastest. */
export function gridOf(axes: readonly (Axis & { kind: "values" })[]): SweepSetting[] {
  const products = axes.reduce<readonly (readonly string[])[]>(
    (before, { key, values }) => before.flatMap((words) => values.map((value) => [...words, `${key}=${value}`])),
    [[]],
  );
  return products.map(settingOf);
}

export interface Draws {
  /** Different settings to draw. */
  readonly count: number;
  readonly seed: number;
  /** Whether a key takes whole numbers alone. */
  readonly isWhole: (key: string) => boolean;
}

/**
 * Random settings, each axis drawn by itself (Bergstra and Bengio 2012). The n-th draw of a key depends on the seed, n and
 * the key alone: more draws, or one more axis, leave what was drawn before as it was.
 */
export function drawSettings(axes: readonly Axis[], { count, seed, isWhole }: Draws): SweepSetting[] {
  const chance = random(seed).split("sweep");
  const found = new Map<string, SweepSetting>();
  // Lists alone make a finite space, of which some settings are drawn more than once.
  for (let n = 0; found.size < count && n < 100 * count; n++) {
    const words = axes.map((axis) => `${axis.key}=${draw(axis, chance.split(n).split(axis.key), isWhole(axis.key))}`);
    const setting = settingOf(words);
    found.set(setting.name, setting);
  }
  if (found.size === count) return [...found.values()];
  throw usageError(
    "sweep-space",
    `--random: expected at most as many settings as the space has, got ${count} of ${found.size} or few more`,
    "Ask for fewer, widen --space, or take all of them with --grid.",
  );
}

function draw(axis: Axis, chance: Random, whole: boolean): string {
  if (axis.kind === "values") return axis.values[chance.integer(axis.values.length)] ?? "";
  const { low, high, log } = axis;
  // Of whole numbers each has its own unit of the scale, the ends like all others.
  const end = whole ? high + 1 : high;
  const share = chance.uniform();
  const value = log ? Math.exp(Math.log(low) + share * Math.log(end / low)) : low + share * (end - low);
  if (whole) return String(Math.min(high, Math.floor(value)));
  // Four digits, so that a command can be read; rounding may not leave the range.
  return String(Math.min(high, Math.max(low, Number(value.toPrecision(4)))));
}

const settingOf = (words: readonly string[]): SweepSetting => ({
  name: words.length === 0 ? "as given" : words.join(" "),
  words,
});

/** `train.lambda.max=0.1,0.5,1`: brackets and quotes keep their commas. */
export function parseGrid(text: string): Axis & { kind: "values" } {
  const { key, rest } = parted(text, "--grid");
  return { kind: "values", key, values: valuesOf(rest, `--grid ${key}`) };
}

/** `KEY=LOW..HIGH`, `KEY=log:LOW..HIGH`, or values as a grid has them. */
export function parseSpace(text: string): Axis {
  const { key, rest } = parted(text, "--space");
  const match = /^(log:)?([^,]*?)\.\.([^,]*)$/.exec(rest);
  if (match === null) return { kind: "values", key, values: valuesOf(rest, `--space ${key}`) };
  const [, scale, from = "", to = ""] = match;
  const [low, high] = [from, to].map((end) => (end.trim() === "" ? Number.NaN : Number(end)));
  const log = scale !== undefined;
  if (low === undefined || high === undefined || !(low < high) || (log && low <= 0))
    throw usageError(
      "sweep-space",
      `--space ${key}: expected LOW..HIGH, two numbers${log ? " above 0" : ""}, the lower one first, got "${rest}"`,
    );
  return { kind: "range", key, low, high, log };
}

/** Axes of different keys. */
export function requireApart(axes: readonly Axis[], flag: string): void {
  const keys = axes.map(({ key }) => key);
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined)
    throw usageError("sweep-space", `${flag}: expected each key once, got ${twice} twice`, "Put its values together.");
}

function parted(text: string, flag: string): { key: string; rest: string } {
  const at = text.indexOf("=");
  const key = text.slice(0, Math.max(0, at)).trim();
  if (key === "")
    throw usageError("flag-value", `${flag}: expected KEY=VALUES, such as train.lambda.max=0.1,1, got "${text}"`);
  return { key, rest: text.slice(at + 1).trim() };
}

function valuesOf(text: string, flag: string): string[] {
  const values: string[] = [];
  let [depth, from] = [0, 0];
  let quote: string | undefined;
  for (let at = 0; at <= text.length; at++) {
    const c = text[at] ?? ",";
    if (quote !== undefined) {
      if (c === quote) quote = undefined;
    } else if (c === '"' || c === "'") quote = c;
    else if ("[{".includes(c)) depth++;
    else if ("]}".includes(c)) depth--;
    else if (c === "," && depth === 0) {
      values.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  if (depth !== 0 || quote !== undefined || values.includes(""))
    throw usageError("flag-value", `${flag}: expected values with commas between, got "${text}"`);
  // Texts that mean the same value, such as 1 and 1.0, are one setting.
  const meant = values.map((value) => JSON.stringify(parseValue(value, flag)));
  const at = meant.findIndex((value, i) => meant.indexOf(value) !== i);
  if (at >= 0) {
    const [first, again] = [values[meant.indexOf(meant[at] ?? "")], values[at]];
    const twice = first === again ? `${again} twice` : `${again}, which is ${first}`;
    throw usageError("flag-value", `${flag}: expected each value once, got ${twice}`);
  }
  return values;
}
