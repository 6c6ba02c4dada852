/**
 * How things are told apart: by colour and by shape or dash at once. Colours are those of Okabe and Ito (2008), which
 * people with any of the common colour blindnesses tell apart; `style.ts` gives each a light and a dark variant.
 */
import { labelledTargetName } from "./run.ts";
import { coordinate } from "./text.ts";

export type Marker = "circle" | "square" | "diamond" | "triangle" | "cross";

export interface Look {
  /** A custom property of the style sheet. */
  readonly colour: string;
  readonly marker: Marker;
  /** Of lines; "" is solid. */
  readonly dash: string;
}

export const sourceLook: Look = { colour: "--source", marker: "circle", dash: "" };
export const targetLook: Look = { colour: "--target", marker: "triangle", dash: "6 3" };

const baselineLook: Look = { colour: "--baseline", marker: "square", dash: "5 3" };
const boundLook: Look = { colour: "--bound", marker: "diamond", dash: "1.5 3" };
const methodLook: Look = { colour: "--method", marker: "circle", dash: "" };

/** Labels of both domains: between the baseline and the bound. */
const bothLabelsLook: Look = { colour: "--baseline", marker: "diamond", dash: "8 3 1.5 3" };

const looks: Readonly<Record<string, Look>> = {
  "source-only": baselineLook,
  [labelledTargetName]: bothLabelsLook,
  "target-trained": boundLook,
};

/** Of a row of the result, by its name. */
export const lookOfModel = (name: string): Look => looks[name] ?? methodLook;

const dashes = ["", "6 3", "1.5 3", "8 3 1.5 3", "12 4", "3 2 1 2", "4 4", "10 2 2 2"];
const markers: readonly Marker[] = ["circle", "square", "triangle", "diamond", "cross"];

/** The n-th of many things of one kind. Colours come again after 8, with other shapes: 40 are told apart. */
export const lookOf = (n: number): Look => ({
  colour: `--c${n % 8}`,
  marker: markers[n % markers.length] ?? "circle",
  dash: dashes[n % dashes.length] ?? "",
});

/** Path of a marker around a place, of about the same weight in each shape. */
export function markerPath(marker: Marker, x: number, y: number, size: number): string {
  const [left, top] = [coordinate(x), coordinate(y)];
  const s = (factor: number): string => coordinate(factor * size);
  switch (marker) {
    case "circle":
      return `M${coordinate(x - size)} ${top}a${s(1)} ${s(1)} 0 1 0 ${s(2)} 0a${s(1)} ${s(1)} 0 1 0 ${s(-2)} 0z`;
    case "square":
      return `M${coordinate(x - 0.9 * size)} ${coordinate(y - 0.9 * size)}h${s(1.8)}v${s(1.8)}h${s(-1.8)}z`;
    case "diamond":
      return `M${left} ${coordinate(y - 1.3 * size)}l${s(1.3)} ${s(1.3)}l${s(-1.3)} ${s(1.3)}l${s(-1.3)} ${s(-1.3)}z`;
    case "triangle":
      return `M${left} ${coordinate(y - 1.2 * size)}l${s(1.2)} ${s(2.1)}h${s(-2.4)}z`;
    case "cross":
      return `M${coordinate(x - size)} ${coordinate(y - size)}l${s(2)} ${s(2)}m0 ${s(-2)}l${s(-2)} ${s(2)}`;
    default:
      throw new Error(`unknown marker ${String(marker satisfies never)}`);
  }
}
