/** Numbers and values as our tables print them. */
import type { Difference, Spread } from "../statistics.ts";

/** `0.776 ± 0.012`: mean and standard error; a dash where there is none. */
export const spread = (value: Pick<Spread, "mean" | "se"> | null): string =>
  value === null ? "-" : `${value.mean.toFixed(3)}${value.se === null ? "" : ` ± ${value.se.toFixed(3)}`}`;

/** `+0.101 [0.092, 0.110]` */
export function interval(value: Difference | null | undefined): string {
  if (value == null) return "";
  const sign = value.mean >= 0 ? "+" : "";
  const ends = value.low === null || value.high === null ? "" : ` [${value.low.toFixed(3)}, ${value.high.toFixed(3)}]`;
  return `${sign}${value.mean.toFixed(3)}${ends}`;
}

/** `helped 2, no-gain 1` */
export const counts = (times: Readonly<Record<string, number>>): string =>
  Object.entries(times)
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${name} ${n}`)
    .join(", ");

/** A value of a configuration. */
export const show = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

export function duration(seconds: number): string {
  if (seconds < 100) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
