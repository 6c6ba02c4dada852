/** The pieces of a report, each by itself, and the whole page of made-up runs. */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { hostileNames, reportedRun } from "../../test/support/reported-run.ts";
import { random } from "../random.ts";
import { confusion, mostConfused } from "./confusion.ts";
import { curvesOf } from "./curves.ts";
import { dotChart } from "./dot-chart.ts";
import { escapeHtml, html } from "./html.ts";
import { lineChart } from "./line-chart.ts";
import { lookOf, lookOfModel, markerPath } from "./look.ts";
import { umap } from "./projection/neighbours.ts";
import { principalComponents } from "./projection/principal.ts";
import { project } from "./projection/project.ts";
import { runReport } from "./run-page.ts";
import { linear, span } from "./scale.ts";
import { scatter } from "./scatter.ts";
import { spreadOver } from "./table.ts";
import { clipped, sentence, short, titleOf } from "./text.ts";
import { healthBody } from "./verdict.ts";

const count = (text: string, part: string | RegExp): number => text.split(part).length - 1;

describe("markup", () => {
  test("values are escaped, pieces are not", () => {
    const name = `<b onclick="x">&'`;
    expect(html`<p title="${name}">${html`<i>${name}</i>`}${[1, "<", undefined, false]}</p>`.text).toBe(
      '<p title="&lt;b onclick=&quot;x&quot;&gt;&amp;&#39;"><i>&lt;b onclick=&quot;x&quot;&gt;&amp;&#39;</i>1&lt;</p>',
    );
  });

  test("controls and what turns text around are replaced; other writing stays", () => {
    expect(escapeHtml("a\u0000\u001b[31m\u202eb\nÄ 猫 🐈")).toBe("a\ufffd\ufffd[31m\ufffdb\nÄ 猫 🐈");
  });
});

describe("numbers and places", () => {
  test.each([
    [0, "0"],
    [0.83123456, "0.8312"],
    [-12.3, "-12.3"],
    [99_999, "100000"],
    [4120, "4120"],
    [123_456, "1.23e5"],
    [0.00005, "5e-5"],
    [Number.NaN, "NaN"],
  ])("%d is written %s", (value, text) => expect(short(value)).toBe(text));

  test("ticks are round and inside", () => {
    const scale = linear([0.13, 0.94], [0, 100], 4);
    expect(scale.ticks.map(({ label }) => label)).toEqual(["0.5"]);
    expect(scale.ticks.every(({ at }) => at >= 0 && at <= 100)).toBe(true);
    expect(linear([0, 1], [0, 10], 4).ticks.map(({ label, at }) => [label, at])).toEqual([
      ["0", 0],
      ["0.5", 5],
      ["1", 10],
    ]);
  });

  test("a span has air, is never empty and keeps to its bounds", () => {
    expect(span([1, 1])).toEqual([0.9, 1.1]);
    expect(span([])).toEqual([0, 1]);
    expect(span([0, 1], [0, 1])).toEqual([0, 1]);
    expect(span([Number.NaN, 2, 4])[0]).toBeCloseTo(1.88);
  });

  test("spread over: first and last are in, at most as many as asked", () => {
    expect(spreadOver(3, 5)).toEqual([0, 1, 2]);
    const picked = spreadOver(1001, 5);
    expect(picked).toEqual([0, 250, 500, 750, 1000]);
  });

  test("names", () => {
    expect([titleOf("domainLoss"), titleOf("mean-teacherLoss"), titleOf("dev")]).toEqual([
      "Domain loss",
      "Mean teacher loss",
      "DEV",
    ]);
    expect(sentence("it fell 1 -> 2")).toBe("It fell 1 → 2");
    expect(clipped("👩‍🚀".repeat(20), 3).length).toBeLessThan(10);
  });
});

test("models and things are told apart by more than colour", () => {
  const looks = ["source-only", "dann", "target-trained"].map(lookOfModel);
  for (const key of ["colour", "marker", "dash"] as const) expect(new Set(looks.map((look) => look[key])).size).toBe(3);
  const many = Array.from({ length: 40 }, (_, n) => lookOf(n));
  expect(new Set(many.map(({ colour, marker }) => colour + marker)).size).toBe(40);
  const paths = (["circle", "square", "diamond", "triangle", "cross"] as const).map((one) => markerPath(one, 5, 5, 2));
  expect(new Set(paths).size).toBe(5);
});

describe("line chart", () => {
  const points = Array.from({ length: 5000 }, (_, x) => ({ x, y: Math.sin(x / 100) }));
  const look = lookOf(0);
  const chart = lineChart({
    title: "Loss <1>",
    series: [
      { name: "one", look, points, marked: points[7] },
      { name: "two", look: lookOf(1), points: points.slice(0, 3) },
      { name: "none", look, points: [] },
    ],
    reference: { y: 0.5, label: "chance" },
  }).text;

  test("at most 400 points a curve, a legend, a reference, a ring", () => {
    const [first = ""] = /class="stroke" d="(M[^"]*)"/.exec(chart)?.slice(1) ?? [];
    expect(count(first, "L")).toBe(399);
    expect(count(chart, "<li>")).toBe(2);
    expect(chart).toContain("chance");
    expect(count(chart, 'class="ring"')).toBe(1);
    expect(chart).toContain("Loss &lt;1&gt;");
    expect(chart).not.toContain("NaN");
  });

  test("its table says how many of the measurements it shows, and leaves gaps", () => {
    expect(count(chart, "<tr>")).toBe(61);
    expect(chart).toContain("60 of 5000 measurements");
    expect(chart).toMatch(/<th scope="row">0<\/th><td class="r">0<\/td><td class="r">0<\/td>/);
    expect(chart).toMatch(/<th scope="row">4999<\/th><td class="r">[^<]+<\/td><td class="r"><\/td>/);
  });

  test("names of axes end within the drawing, however long they are", () => {
    const named = lineChart({ title: "x", series: [{ name: "a", look, points }], along: "confidence", up: "accuracy" });
    const [place = "0", anchor = ""] =
      /<text x="(\d+)" y="\d+" text-anchor="(\w+)">confidence</.exec(named.text)?.slice(1) ?? [];
    // It ends at the right edge, so there is the whole width for it.
    expect([Number(place) > 300, anchor]).toEqual([true, "end"]);
    expect(named.text).toMatch(/<text x="\d+" y="\d+">accuracy</);
    expect(chart).not.toContain("accuracy");
  });

  test("one point alone is drawn", () => {
    expect(lineChart({ title: "x", series: [{ name: "a", look, points: [{ x: 1, y: 2 }] }] }).text).not.toContain(
      "NaN",
    );
  });
});

describe("curves", () => {
  const run = reportedRun();
  const { training, scores } = curvesOf(run);

  test("what the paper watches comes first; lambda and rate are those of the method", () => {
    expect(training.map(({ title }) => title)).toEqual([
      "Label loss",
      "Domain loss",
      "Domain accuracy",
      "Lambda",
      "Learning rate",
    ]);
    expect(training.map(({ series }) => series.map(({ name }) => name).join())).toEqual([
      "source-only,dann",
      "dann",
      "dann",
      "dann",
      "dann",
    ]);
    expect(scores.map(({ title }) => title)).toEqual(["Accuracy on the source", "Accuracy on the target", "Entropy"]);
  });

  test("the gradient's norm is drawn where it is clipped", () => {
    const clipped = run.events.map((event) =>
      event.type === "step" ? { ...event, gradientNorm: { mean: 1, largest: 2 } } : event,
    );
    const last = curvesOf({ ...run, events: clipped }).training.at(-1);
    expect(last).toMatchObject({ title: "Gradient norm", series: [{ name: "source-only" }, { name: "dann" }] });
    expect(last?.series[1]?.points[0]).toEqual({ x: 1, y: 2 });
  });

  test("the selected epoch is ringed on the method alone", () => {
    const [one] = scores;
    expect(one?.series.map(({ marked }) => marked)).toEqual([undefined, { x: 10, y: 0.9 }]);
  });

  test("AdaBN's steps are left out: its labels are made up", () => {
    const events = [
      ...run.events,
      { type: "step", model: "adabn", step: 1, lambda: 0, learningRate: 0, terms: { labelLoss: 9 } } as const,
    ];
    expect(curvesOf({ ...run, events })).toEqual({ training, scores });
    // As the method that was asked for it trains like others.
    const models = run.result.models.map((row) => ({ ...row, name: "adabn", selection: "validator" as const }));
    const [first] = curvesOf({ events, result: { ...run.result, models } }).training;
    expect(first?.series.map(({ name }) => name)).toContain("adabn");
  });
});

test("dots, their intervals and their names for readers of screens", () => {
  const drawn = dotChart({
    title: "Difference",
    domain: [-1, 1],
    reference: 0,
    rows: [{ name: "B <", note: "n = 3", dots: [{ value: 0.5, look: lookOf(0), label: "0.5", interval: [0.2, 0.8] }] }],
  }).text;
  expect([count(drawn, "whisker"), count(drawn, "<title>0.5</title>"), count(drawn, "B &lt;")]).toEqual([1, 1, 2]);
});

describe("confusion", () => {
  test("the classes with most errors, in their order", () => {
    const counts = [
      [9, 1, 0, 0],
      [0, 5, 0, 4],
      [0, 0, 7, 0],
      [0, 0, 0, 6],
    ];
    expect(mostConfused(counts, 2)).toEqual([1, 3]);
    expect(mostConfused(counts, 9)).toEqual([0, 1, 2, 3]);
  });

  test("at most 30 classes are shown, and it says so; every class is in the table behind", () => {
    const classes = Array.from({ length: 65 }, (_, n) => `class ${n}`);
    const target = reportedRun({ classes }).result.models[1]?.metrics.target;
    if (target == null) throw new Error("no metrics");
    const [matrix = "", behind = ""] = confusion(target, "t").text.split("<details");
    expect(matrix).toContain("30 of 65 classes");
    expect(count(matrix, "<tr>")).toBe(31);
    expect(count(behind, "<tr>")).toBe(66);
  });
});

describe("planes", () => {
  const [rows, width] = [60, 9];
  const chance = random(3);
  // Every column has a spread of its own.
  const values = Float32Array.from({ length: rows * width }, (_, at) => chance.normal() * (1 + (at % width)));

  test("principal components are those of the whole decomposition", () => {
    const { coordinates, shares } = principalComponents({ rows, width, values }, 2, random(0));
    const centred = Matrix.from1DArray(rows, width, values);
    centred.subRowVector(centred.mean("column"));
    const whole = new EigenvalueDecomposition(centred.transpose().mmul(centred));
    const order = whole.realEigenvalues
      .map((_, i) => i)
      .sort((a, b) => (whole.realEigenvalues[b] ?? 0) - (whole.realEigenvalues[a] ?? 0));
    const exact = centred.mmul(whole.eigenvectorMatrix.subMatrixColumn(order.slice(0, 2)));
    for (const k of [0, 1]) {
      const sign = Math.sign(exact.get(0, k) * coordinates.get(0, k));
      for (let row = 0; row < rows; row++) expect(coordinates.get(row, k)).toBeCloseTo(sign * exact.get(row, k), 6);
    }
    const total = whole.realEigenvalues.reduce((sum, value) => sum + value, 0);
    expect(shares[0]).toBeCloseTo((whole.realEigenvalues[order[0] ?? 0] ?? 0) / total, 9);
  });

  test("one column, equal rows, and more rows than columns do not fail", () => {
    for (const one of [
      { rows: 5, width: 1, values: Float32Array.from([1, 2, 3, 4, 9]) },
      { rows: 4, width: 3, values: new Float32Array(12).fill(2) },
      { rows: 2, width: 50, values: Float32Array.from({ length: 100 }, (_, i) => i % 7) },
    ]) {
      const { coordinates } = principalComponents(one, 2, random(0));
      expect([coordinates.rows, coordinates.columns]).toEqual([one.rows, 2]);
      expect(coordinates.to1DArray().every(Number.isFinite)).toBe(true);
    }
  });

  test("UMAP keeps clusters apart, and the same seed gives the same places", async () => {
    const points = Array.from({ length: 60 }, (_, row) => [chance.normal(), chance.normal(), row % 2 === 0 ? 0 : 50]);
    const [first, again, other] = [
      await umap(points, random(1)),
      await umap(points, random(1)),
      await umap(points, random(2)),
    ];
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
    const nearest = first.map(([x, y], at) =>
      first
        .map(([u, v], to) => ({ to, far: to === at ? Number.POSITIVE_INFINITY : (x - u) ** 2 + (y - v) ** 2 }))
        .reduce((a, b) => (b.far < a.far ? b : a)),
    );
    expect(nearest.every(({ to }, at) => to % 2 === at % 2)).toBe(true);
  });

  test("at most 1,000 rows a domain are drawn, the same before and after; few rows have no UMAP", async () => {
    const { embedding } = reportedRun({ rows: 1500 });
    if (embedding === undefined) throw new Error("no embedding");
    const { before, after } = await project(
      { ...embedding, before: { ...embedding.before }, after: embedding.after },
      0,
    );
    expect([before.pca.spots.length, before.umap?.spots.length, after?.pca.spots.length]).toEqual([2000, 500, 2000]);
    expect(before.pca.spots.map((spot) => spot.class)).toEqual(after?.pca.spots.map((spot) => spot.class));
    const few = reportedRun({ rows: 4 }).embedding;
    if (few === undefined) throw new Error("no embedding");
    const small = await project(few, 0);
    expect(small.before.umap).toBeUndefined();
    expect(scatter(small, { classes: ["a", "b"], before: "source-only", id: "x" }).text).not.toContain("UMAP");
  });
});

describe("the page of a run", () => {
  test("verdict first, then health, then everything that the run has", async () => {
    const page = await runReport(
      reportedRun({ samples: [{ name: "7", predicted: "cat", probability: 0.9, truth: "dog", image: undefined }] }),
    );
    expect([...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id)).toEqual([
      ...[
        "verdict",
        "health",
        "models",
        "features",
        "training",
        "scores",
        "confusion",
        "calibration",
        "samples",
        "setup",
      ],
    ]);
    expect(page).toContain("It is so: 0.1 → 0.2.");
    expect(page).toContain("dann adapt --config runs/made/config.yaml --out FOLDER");
    expect(page).toContain("taken for <b>cat</b> (90.0\u00a0%)<br>is <b>dog</b>");
    expect(page).not.toMatch(/NaN|undefined|\[object/);
  });

  test("nothing is fetched and no script is there", async () => {
    const page = await runReport(reportedRun());
    expect(page).not.toMatch(/https?:\/\/|\/\/[a-z]|<script|<link|@import|url\(/i);
    expect(page).toContain("default-src &#39;none&#39;");
  });

  test("a run without target labels, health, features, config or command says what it lacks", async () => {
    const made = reportedRun({ labelled: false, result: { health: undefined } });
    const page = await runReport({ ...made, embedding: undefined, config: undefined, command: undefined, events: [] });
    expect(page).toContain("no target labels were given");
    expect(page).toContain("no one command repeats it");
    expect(page).not.toMatch(/id="(health|features|training|scores|samples)"/);
    expect(healthBody([])?.text).toContain("Nothing was found");
  });

  test("several sources are named", async () => {
    const { task } = reportedRun().result;
    const sources = [
      { name: "a <1>", rows: 60, apart: true },
      { name: "b", rows: 1, apart: true },
    ];
    const page = await runReport({ ...reportedRun({ result: { task: { ...task, sources } } }), embedding: undefined });
    expect(page).toContain("a &lt;1&gt; (60 rows), b (1 row): the domain classifier has a class for each");
  });

  test("hostile names are text", async () => {
    const [first = "", second = ""] = hostileNames;
    const made = reportedRun({
      classes: hostileNames,
      samples: [{ name: second, predicted: first, probability: 0.5, truth: second, image: undefined }],
    });
    const page = await runReport({
      ...made,
      result: { ...made.result, run: `runs/${second}`, warnings: hostileNames },
      config: hostileNames.join("\n"),
      command: first,
    });
    expect(page).not.toMatch(/<script|<img|<svg onload|<\/style>.*<\/style>/s);
    for (const control of ["\u202e", "\u0000"]) expect(page).not.toContain(control);
    expect(count(page, "&lt;script&gt;")).toBeGreaterThan(10);
  });

  test("the largest run stays below 3 MB", { timeout: 120_000 }, async () => {
    const classes = Array.from({ length: 345 }, (_, n) => `a class with a rather long name, number ${n}`);
    const image = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251);
    const samples = Array.from({ length: 24 }, (_, row) => ({
      name: `row-${row}`,
      predicted: "a",
      probability: 0.5,
      truth: "b",
      image,
    }));
    const page = await runReport(reportedRun({ classes, rows: 2000, width: 64, steps: 20_000, epochs: 50, samples }));
    expect(Buffer.byteLength(page)).toBeLessThan(3e6);
    expect(Buffer.byteLength(page)).toBeGreaterThan(3e5);
  });
});

describe("calibration", () => {
  test("temperature, errors before and after, reliability with its table, and what it does not know", async () => {
    const page = await runReport(reportedRun());
    expect(page).toContain('id="calibration"');
    expect(page).toContain("softmax(logits / 1.40)");
    expect(page).toContain("worth 33");
    for (const said of ["0.120\u00a0→ 0.080", "0.200\u00a0→ 0.150", "0.300\u00a0→ 0.250"]) expect(page).toContain(said);
    expect(page).toContain("<b>Reliability</b>");
    expect(page).toContain("target, by its labels");
    expect(page).toContain("the true error can be far larger");
  });

  test("without target labels, with a reason, and of older results", async () => {
    const blind = await runReport(reportedRun({ labelled: false }));
    expect(blind).toContain("0.200\u00a0→ 0.150");
    expect(blind).not.toContain("0.300\u00a0→ 0.250");
    const { result } = reportedRun();
    const why = "3 of 90 held-out source rows are classified wrong, expected at least 5";
    const models = result.models.map(({ calibration, ...row }) => ({
      ...row,
      ...(calibration && { calibration: { ...calibration, temperature: 1, basis: "none" as const, why } }),
    }));
    expect(await runReport(reportedRun({ result: { models } }))).toContain(`temperature 1: ${why}`);
    const older = result.models.map(({ calibration: _, ...row }) => row);
    expect(await runReport(reportedRun({ result: { models: older } }))).not.toContain('id="calibration"');
  });
});
