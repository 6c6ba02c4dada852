import { expect, test } from "vitest";
import { createProgress, formatBytes, formatSeconds } from "./progress.ts";
import { painter, wantsColour } from "./style.ts";
import { renderTable } from "./table.ts";

const terminal = (isTTY: boolean) => {
  const written: string[] = [];
  return { isTTY, columns: 80, write: (text: string) => written.push(text), written };
};

test("columns are aligned, numbers to the right, wide characters count twice", () => {
  expect(
    renderTable(
      [{ title: "class" }, { title: "n", align: "right" }],
      [
        ["猫", "5"],
        ["dog", "120"],
      ],
      { indent: "  " },
    ),
  ).toBe("  class    n\n  猫       5\n  dog    120\n");
});

test("NO_COLOR, a pipe and a dumb terminal mean no colour", () => {
  expect(wantsColour({ isTTY: true }, {})).toBe(true);
  expect(wantsColour({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
  expect(wantsColour({ isTTY: true }, { TERM: "dumb" })).toBe(false);
  expect(wantsColour({ isTTY: false }, {})).toBe(false);
  expect(painter({ isTTY: false }, {})("red", "text")).toBe("text");
  expect(painter({ isTTY: true }, {})("red", "text")).toBe("\u001b[31mtext\u001b[39m");
});

test("a plain line says how far it is, not the last tenth", () => {
  const out = terminal(false);
  createProgress(out).update({ label: "dann", done: 50, total: 200 });
  expect(out.written).toEqual(["dann 25% 50/200\n"]);
});

test("off a terminal nothing moves: a plain line at each tenth", () => {
  const out = terminal(false);
  const view = createProgress(out, { env: {} });
  for (let done = 0; done <= 100; done++) view.update({ label: "dann", done, total: 100, rate: 20 });
  expect(out.written).toHaveLength(11);
  expect(["\r", "\u001b"].some((control) => out.written.join("").includes(control))).toBe(false);
  expect(out.written[5]).toBe("dann 50% 50/100, 20.0 steps/s, 3 s left\n");
});

test("on a terminal one line is redrawn, at most ten times a second, and never wider than the terminal", () => {
  const out = terminal(true);
  let time = 0;
  const view = createProgress(out, { env: { NO_COLOR: "1" }, now: () => time });
  for (let done = 0; done <= 100; done++) {
    time += 10;
    view.update({ label: "dann", done, total: 100, rate: 20, note: "x".repeat(200) });
  }
  view.clear();
  expect(out.written.length).toBeLessThan(13);
  expect(Math.max(...out.written.map((text) => text.replace("\r\u001b[2K", "").length))).toBeLessThanOrEqual(80);
  expect(out.written.at(-1)).toBe("\r\u001b[2K");
});

test("quiet writes nothing", () => {
  const out = terminal(true);
  const view = createProgress(out, { quiet: true });
  view.update({ label: "a", done: 1, total: 2 });
  view.line("text");
  expect(out.written).toEqual([]);
});

test("times and sizes for people", () => {
  expect([7.2, 125, 3840].map(formatSeconds)).toEqual(["7 s", "2 min 5 s", "1 h 4 min"]);
  expect([12, 1234, 34_500_000].map(formatBytes)).toEqual(["12 B", "1.23 kB", "34.5 MB"]);
});
