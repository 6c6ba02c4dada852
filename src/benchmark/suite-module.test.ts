/** Modules of users: every mistake in what they export is told by its place before anything runs. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkSuite, suiteOfModule } from "./suite-module.ts";
import { suites } from "./suites.ts";

const folder = mkdtempSync(join(tmpdir(), "dann-suite-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const task = `{ name: "a", title: "A", needs: [], load: async () => {}, config: {}, seconds: 1`;
const baseline = `{ name: "nn", title: "NN", settings: {}, seconds: 1, predict: async () => ({ labels: [] }) }`;
const suite = (tasks: string, more = ""): string =>
  `export const suite = { name: "own", title: "own", methods: ["dann"], seeds: [0, 1], printed: [], notes: [], tasks: [${tasks}]${more} };`;

let written = 0;
/** A path of its own each time: Node reads a module once. */
const module = (text: string): string => {
  const path = join(folder, `suite-${written++}.mjs`);
  writeFileSync(path, text);
  return path;
};

test("a suite with all that may be in one", async () => {
  const more = `, settings: [{ name: "far", config: {} }], metric: "macroF1"`;
  const path = module(suite(`${task}, group: "g", perSeed: true, baselines: [${baseline}], measurements: [] }`, more));
  expect(await suiteOfModule(path)).toMatchObject({ name: "own", tasks: [{ name: "a", perSeed: true }] });
});

test("our own suites are what we ask of others", () => {
  for (const one of suites) expect(() => checkSuite(one, one.name)).not.toThrow();
});

test.each<[string, string, RegExp | undefined]>([
  ["export const sweet = 1;", "expected it to export suite, got none", undefined],
  ["throw new Error('mine');", "cannot be loaded (mine)", undefined],
  ["export const suite = 7;", "suite: expected a group of keys, got 7", undefined],
  [suite(""), "suite own: expected tasks, got none", undefined],
  [suite(`${task} }`, ", note: []"), "suite: unknown key note", /^Did you mean notes\?$/],
  [suite(`${task} }`, ", seeds: [0, 0]"), "suite: seeds: expected each once", undefined],
  [suite(`${task} }`, ", methods: undefined"), "suite: methods: expected a list, got nothing", undefined],
  [suite(`${task} }`, ", seeds: []"), "suite: seeds: expected at least one", undefined],
  [
    suite(`${task}, name: "a, b" }`),
    "tasks: expected names without commas, which part them in flags, got a, b",
    undefined,
  ],
  [
    suite(`${task} }`, ", settings: [{ name: 'a', config: {} }, { name: 'a', config: {} }]"),
    "settings: expected different names, got a twice",
    undefined,
  ],
  [
    suite(`${task} }`, ", printed: [{ label: 'P', source: 'S', values: { b: 0.5 } }]"),
    "printed P: expected names of tasks (a), got b",
    undefined,
  ],
  [
    suite(`${task}, baselines: [${baseline}, { ...${baseline}, name: "other" }] }`),
    'expected different titles, got "NN" of nn and of other',
    undefined,
  ],
  [suite(`${task}, persead: true }`), "task a: unknown key persead", /^Did you mean perSeed\?$/],
  [suite(`${task}, needs: undefined }`), "task a: needs: expected a list, got nothing", undefined],
  [suite(`${task}, config: undefined }`), "task a: config: expected a group of keys, got nothing", undefined],
  [suite(`${task}, load: {} }`), "task a: load: load is no function", undefined],
  [suite(`${task} }, ${task} }`), "tasks: expected different names, got a twice", undefined],
  [suite(`${task}, name: "" }`), "task 1: name: expected a text that is not empty", undefined],
  [suite(`${task}, baselines: [{ ...${baseline}, predict: 1 }] }`), "task a: baseline nn: predict", undefined],
  [suite(`${task}, baselines: [${baseline}, ${baseline}] }`), "expected different names, got nn twice", undefined],
])("%s is refused: %s", async (text, message, remedy) => {
  const path = module(text);
  await expect(suiteOfModule(path)).rejects.toMatchObject({
    ...{ kind: "usage", message: expect.stringContaining(message) },
    ...(remedy !== undefined && { remedy: expect.stringMatching(remedy) }),
  });
});
