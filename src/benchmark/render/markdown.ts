/** Tables in Markdown: the first column to the left, the others to the right. */

/** Text of ours within a table. */
export const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("->", "→");

export function markdownTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |\n`;
  return [line(heading), line(heading.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("");
}
