/** Pages as values: what comes from data or people is escaped by construction, markup is only what was written here. */

/** Markup that may stand in a page as it is. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Html | string | number | undefined | false | readonly Content[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Safe between tags and in quoted attributes. Controls, and what turns the direction of the text around it (a class
 * named by U+202E would), become U+FFFD.
 */
export const escapeHtml = (text: string): string =>
  text.replace(controls, "\ufffd").replace(/[&<>"']/g, (character) => entities[character] ?? character);

// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for.
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

const textOf = (content: Content): string => {
  if (content instanceof Html) return content.text;
  if (content === undefined || content === false) return "";
  if (typeof content === "string") return escapeHtml(content);
  return typeof content === "number" ? String(content) : content.map(textOf).join("");
};

/** A piece of a page; values are escaped unless they are pieces themselves. */
export const html = (parts: TemplateStringsArray, ...values: readonly Content[]): Html =>
  new Html(parts.map((part, at) => part + textOf(values[at])).join(""));
