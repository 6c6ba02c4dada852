/** Numbers and names as a report writes them. */

/** At most four digits that tell something: 0.8312, 12.3, 4120, 0.00031. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-4) return value.toExponential(2).replace(/\.?0*e\+?/, "e");
  return String(Number(value.toPrecision(4)));
}

/** `0.983`; a dash where nothing was scored. */
export const share = (value: number | null | undefined): string => (value == null ? "–" : value.toFixed(3));

/** `98.3 %`, which no line break parts. */
export const percent = (value: number): string => `${(100 * value).toFixed(1)}\u00a0%`;

/** `+0.042` with a real minus sign. */
export const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;

/** One decimal of a coordinate: a twentieth of a point is not seen, and the page stays small. */
export const coordinate = (value: number): string => String(Math.round(value * 10) / 10);

export const plural = (count: number, noun: string, many = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : many}`;

/** A sentence of a result as a page has it: with a capital and real arrows. */
export const sentence = (text: string): string => {
  const arrows = text.replaceAll(" -> ", " → ");
  return arrows.charAt(0).toUpperCase() + arrows.slice(1);
};

/** At most `most` characters, for labels in drawings. */
export const clipped = (text: string, most: number): string => {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
};

const known: Readonly<Record<string, string>> = {
  loss: "Objective",
  labelLoss: "Label loss",
  targetLabelLoss: "Label loss on the target",
  domainLoss: "Domain loss",
  domainAccuracy: "Domain accuracy",
  "source-accuracy": "Source accuracy",
  iwcv: "IWCV",
  dev: "DEV",
  devn: "DEVN",
  bnm: "BNM",
  snd: "SND",
  atc: "ATC",
  mixval: "MixVal",
  rankme: "RankMe",
  "class-ami": "ClassAMI",
};

/** A term or validator as a title: `entropyLoss` is "Entropy loss". */
export function titleOf(name: string): string {
  const found = known[name];
  if (found !== undefined) return found;
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/[-_]/g, " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
