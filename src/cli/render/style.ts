/** Colour where it helps and is wanted: on a terminal, unless NO_COLOR is set (no-color.org) or the terminal is dumb. */
import { styleText } from "node:util";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** What of the environment decides; a parameter so that tests can set it. */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

type Environment = Readonly<Record<string, string | undefined>>;

export const wantsColour = (stream: Pick<Terminal, "isTTY">, env: Environment = process.env): boolean => {
  if ((env.NO_COLOR ?? "") !== "") return false;
  if ((env.FORCE_COLOR ?? "") !== "") return env.FORCE_COLOR !== "0";
  return stream.isTTY === true && env.TERM !== "dumb";
};

export type Paint = (style: Style, text: string) => string;

export const painter = (stream: Pick<Terminal, "isTTY">, env: Environment = process.env): Paint =>
  wantsColour(stream, env) ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
