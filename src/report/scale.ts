/** From values to places in a drawing, and the round numbers that its axes name. */
import { short } from "./text.ts";

export interface Scale {
  readonly domain: readonly [low: number, high: number];
  readonly at: (value: number) => number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

/** A linear scale. Its domain is as given; ticks are multiples of 1, 2 or 5 times a power of ten within it. */
export function linear(
  domain: readonly [low: number, high: number],
  range: readonly [from: number, to: number],
  ticks = 4,
): Scale {
  const [low, high] = domain;
  const [from, to] = range;
  const at = (value: number): number => from + ((value - low) / (high - low)) * (to - from);
  const step = roundStep((high - low) / ticks);
  const values: number[] = [];
  // Counted in steps: sums of steps would drift.
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) values.push(i * step);
  return {
    domain,
    at,
    ticks: values.map((value) => ({ at: at(value), label: short(Number(value.toPrecision(12))) })),
  };
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const rest = least / power;
  return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
}

/** The span of values with some air above and below; never empty, never wider than `within`. */
export function span(
  values: readonly number[],
  within: readonly [low: number, high: number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  const air = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  const [least, most] = within;
  // Values beyond the bounds are drawn where they are.
  return [Math.max(low - air, Math.min(least, low)), Math.min(high + air, Math.max(most, high))];
}
