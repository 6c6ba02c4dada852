/** The code blocks of our Markdown pages, and what they print compared with what the page says they print. */

export interface Block {
  /** Language of the fence: `ts`, `sh`, `text`, `yaml`, … */
  readonly language: string;
  /** What stands behind the language: `skip: why`. */
  readonly info: string;
  readonly code: string;
  /** Line of the fence in its page, from 1. */
  readonly line: number;
  /** The `text` block right behind it: its output. */
  readonly output?: string;
}

/** Fenced blocks in order; a `text` block that follows another directly becomes its output. */
export function blocksOf(markdown: string): Block[] {
  const lines = markdown.split("\n");
  const blocks: Block[] = [];
  let last = -1;
  for (let at = 0; at < lines.length; at++) {
    const fence = /^```(\w+)\s*(.*)$/.exec(lines[at] ?? "");
    if (fence === null) continue;
    const end = lines.indexOf("```", at + 1);
    if (end < 0) throw new Error(`line ${at + 1}: the block is not closed`);
    const code = lines.slice(at + 1, end).join("\n");
    const [, language = "", info = ""] = fence;
    const before = blocks.at(-1);
    const follows = lines.slice(last + 1, at).every((line) => line.trim() === "");
    if (language === "text" && before !== undefined && last >= 0 && follows)
      blocks[blocks.length - 1] = { ...before, output: code };
    else blocks.push({ language, info, code, line: at + 1 });
    last = end;
    at = end;
  }
  return blocks;
}

/**
 * Whether an output reads as the page shows it. Numbers may differ (they depend on the machine), words may not; a line
 * of `...` stands for any lines.
 */
export function readsLike(actual: string, shown: string): boolean {
  const masked = (text: string): string[] =>
    text
      .split("\n")
      .map((line) =>
        line
          .replace(/[-+]?\d+(\.\d+)?|\.\d+/g, "#")
          .replace(/\s+/g, " ")
          .trim(),
      )
      .filter((line) => line !== "");
  const pattern = masked(shown)
    .map((line) => (line === "..." ? "(?:.*\n)*?" : `${line.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\n`))
    .join("");
  return new RegExp(`^${pattern}$`).test(`${masked(actual).join("\n")}\n`);
}
