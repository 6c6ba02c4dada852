/**
 * Progress on stderr: a bar that moves on a terminal; elsewhere (a log, a pipe) one plain line at each tenth, so that
 * nothing moves and nothing floods. Never writes to stdout.
 */
import { painter, type Terminal } from "./style.ts";

export interface ProgressState {
  /** What is going on: `source-only`, `dann`. */
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** What is counted. Default `steps`. */
  readonly unit?: "steps" | "bytes" | undefined;
  /** Units a second. */
  readonly rate?: number | undefined;
  /** Seconds to go as far as known; default (total - done) / rate. */
  readonly remaining?: number | undefined;
  /** Short text behind the bar: losses. */
  readonly note?: string | undefined;
}

export interface ProgressView {
  update(state: ProgressState): void;
  /** Text in place of the bar, for work of unknown length; nothing where nothing moves. */
  busy(text: string): void;
  /** A line that stays. */
  line(text: string): void;
  /** Removes the bar. */
  clear(): void;
}

export interface ProgressOptions {
  /** Nothing is written. Default false. */
  readonly quiet?: boolean;
  /** Milliseconds, monotonic. Default `performance.now`. */
  readonly now?: () => number;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** At most ten redraws a second: more flickers and costs training time. */
const redrawMs = 100;
const barWidth = 24;

export function createProgress(stream: Terminal, options: ProgressOptions = {}): ProgressView {
  const { quiet = false, now = () => performance.now(), env = process.env } = options;
  if (quiet) return { update: () => {}, busy: () => {}, line: () => {}, clear: () => {} };
  const moving = stream.isTTY === true && env.TERM !== "dumb";
  return moving ? movingView(stream, now, env) : plainView(stream);
}

function movingView(
  stream: Terminal,
  now: () => number,
  env: Readonly<Record<string, string | undefined>>,
): ProgressView {
  const paint = painter(stream, env);
  let drawn = false;
  let last = Number.NEGATIVE_INFINITY;
  const clear = (): void => {
    if (drawn) stream.write("\r\u001b[2K");
    drawn = false;
  };
  return {
    update(state) {
      const time = now();
      if (time - last < redrawMs && state.done < state.total) return;
      last = time;
      const filled = Math.round(barWidth * share(state));
      const bar = paint("cyan", "█".repeat(filled)) + paint("dim", "░".repeat(barWidth - filled));
      const percent = `${Math.floor(100 * share(state))}%`.padStart(4);
      // Colour codes take no columns, so the text is cut before the bar is put in front of it.
      const room = Math.max(0, (stream.columns ?? 80) - state.label.length - barWidth - 8);
      stream.write(`\r\u001b[2K${state.label} ${bar}${percent} ${details(state).slice(0, room)}`);
      drawn = true;
    },
    busy(text) {
      const time = now();
      if (time - last < redrawMs) return;
      last = time;
      stream.write(`\r\u001b[2K${text.slice(0, stream.columns ?? 80)}`);
      drawn = true;
    },
    line(text) {
      clear();
      stream.write(`${text}\n`);
    },
    clear,
  };
}

function plainView(stream: Terminal): ProgressView {
  let label = "";
  let tenth = -1;
  return {
    update(state) {
      const current = Math.floor(10 * share(state));
      if (state.label === label && current === tenth) return;
      label = state.label;
      tenth = current;
      stream.write(`${state.label} ${Math.floor(100 * share(state))}% ${details(state)}\n`);
    },
    busy: () => {},
    line: (text) => {
      stream.write(`${text}\n`);
    },
    clear: () => {},
  };
}

const share = ({ done, total }: ProgressState): number => (total <= 0 ? 1 : Math.min(1, done / total));

function details({ done, total, unit = "steps", rate, remaining, note }: ProgressState): string {
  const bytes = unit === "bytes";
  const parts = [bytes ? `${formatBytes(done)} of ${formatBytes(total)}` : `${done}/${total}`];
  const known = rate !== undefined && Number.isFinite(rate) && rate > 0;
  if (known) parts.push(bytes ? `${formatBytes(Math.round(rate))}/s` : `${formatRate(rate)} steps/s`);
  const left = remaining ?? (known ? (total - done) / rate : 0);
  if (left > 0 && Number.isFinite(left)) parts.push(`${formatSeconds(left)} left`);
  if (note !== undefined && note !== "") parts.push(note);
  return parts.join(", ");
}

const formatRate = (rate: number): string => (rate >= 100 ? rate.toFixed(0) : rate.toPrecision(3));

/** `7 s`, `2 min 5 s`, `1 h 4 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `1.2 kB`, `34.5 MB`: powers of 1000, as file managers show them. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}
