import { expect, test } from "vitest";
import { blocksOf, readsLike } from "./markdown.ts";

test("a text block right behind another is its output", () => {
  const page = "a\n```sh\nls\n```\n\n```text\nx 1\n```\nwords\n```text\ny\n```\n";
  expect(blocksOf(page)).toEqual([
    { language: "sh", info: "", code: "ls", line: 2, output: "x 1" },
    { language: "text", info: "", code: "y", line: 10 },
  ]);
  expect(() => blocksOf("```ts\n1")).toThrow("not closed");
});

test("numbers may differ, words and lines may not", () => {
  expect(readsLike("accuracy .93 (n = 10)\n", "accuracy .871 (n = 9)")).toBe(true);
  expect(readsLike("accuracy .93\n", "accurate .93")).toBe(false);
  expect(readsLike("a\nb\nc\nd\n", "a\n...\nd")).toBe(true);
  expect(readsLike("a\nb\n", "a")).toBe(false);
  expect(readsLike("a\n", "a\nb")).toBe(false);
});
