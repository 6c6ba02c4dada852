import { describe, expect, it } from "vitest";
import { close, dense, image, number, sparse, table, through } from "../../../test/support/preprocess.ts";
import type { PreprocessOptions } from "../config.ts";
import { encodeRows, prepareRows } from "../encode.ts";
import { fitPreprocess } from "../preprocess.ts";

const grey = image(1, 1, 1, 1);

describe("features", () => {
  const source = dense(2, 1, 10, 3, 10);

  it("standardises dense rows with the source's statistics, or each domain's, or not", () => {
    const target = dense(2, 5, 20, 7, 40);
    close(through(fitPreprocess(source, target), target, "target"), [
      [3, 10],
      [5, 30],
    ]);
    close(through(fitPreprocess(source, target, { standardise: "perDomain" }), target, "target"), [
      [-1, -1],
      [1, 1],
    ]);
    close(through(fitPreprocess(source, target, { standardise: "none" }), target, "target"), [
      [5, 20],
      [7, 40],
    ]);
  });

  const a = sparse(
    0,
    3,
    [
      [0, 1],
      [2, 3],
    ],
    [[2, 1]],
  );
  const b = sparse(0, 4, [[3, 2]], []);

  it("counts become tf-idf rows of one length, idf over both domains, empty rows empty", () => {
    const spec = fitPreprocess(a, b);
    expect(spec).toMatchObject({ counts: "tf-idf", width: 4, countScale: 5, standardise: "none", indexBase: 0 });
    const idf = (found: number): number => Math.log(5 / (1 + found)) + 1;
    const [x, z] = [Math.log(2) * idf(1), Math.log(4) * idf(2)];
    const norm = Math.hypot(x, z) / 5;
    close(through(spec, a, "source"), [
      [x / norm, 0, z / norm, 0],
      [0, 0, 5, 0],
    ]);
    close(through(spec, b, "target"), [
      [0, 0, 0, 5],
      [0, 0, 0, 0],
    ]);
  });

  it.each<[PreprocessOptions, number[][]]>([
    [
      { counts: "none" },
      [
        [1, 0, 3],
        [0, 0, 1],
      ],
    ],
    [
      { counts: "l2", countScale: 1 },
      [
        [1 / Math.sqrt(10), 0, 3 / Math.sqrt(10)],
        [0, 0, 1],
      ],
    ],
    [
      { counts: "log1p" },
      [
        [Math.log(2), 0, Math.log(4)],
        [0, 0, Math.log(2)],
      ],
    ],
    [
      { counts: "log1p-l2", countScale: 2 },
      [
        [2 / Math.sqrt(5), 0, 4 / Math.sqrt(5)],
        [0, 0, 2],
      ],
    ],
    [
      { counts: "log1p", standardise: "source" },
      [
        [1, 0, 1],
        [-1, 0, -1],
      ],
    ],
  ])("%j", (options, expected) => {
    close(through(fitPreprocess(a, undefined, options), a, "source"), expected);
  });

  it.each(["l2", "log1p", "log1p-l2", "tf-idf"] as const)(
    "%s is the same done once on the rows as done in the graph",
    (counts) => {
      const spec = fitPreprocess(a, b, { counts, standardise: "source" });
      for (const rows of [
        a,
        sparse(0, 9, [
          [8, 1],
          [1, 2],
          [2, 5],
        ]),
        dense(4, 1, 0, 2, 3, 0, 0, 0, 0),
      ]) {
        const prepared = prepareRows(encodeRows(rows, spec), spec);
        const raw = through(spec, rows, "target");
        close(through(prepared.spec, prepared.rows as typeof rows, "target"), raw);
      }
      expect(prepareRows(grey, fitPreprocess(grey, undefined)).rows).toBe(grey);
    },
  );

  it("leaves out features that training never saw", () => {
    const spec = fitPreprocess(a, undefined, { counts: "none" });
    close(
      through(
        spec,
        sparse(0, 9, [
          [8, 1],
          [1, 2],
        ]),
        "target",
      ),
      [[0, 2, 0]],
    );
  });

  it("refuses other widths of dense rows, negative counts, and another kind of rows", () => {
    expect(() => fitPreprocess(source, dense(3, 1, 2, 3))).toThrow("got 2 in the source and 3 in the target");
    expect(() => encodeRows(dense(3, 1, 2, 3), fitPreprocess(source, undefined))).toThrow("expected 2 features, got 3");
    expect(() => fitPreprocess(dense(1, -1), undefined, { counts: "tf-idf" })).toThrow(
      "tf-idf expects values of at least 0",
    );
    expect(() => fitPreprocess(source, table(number("a", 1)))).toThrow(
      "unnamed features in the source and a table with named columns in the target",
    );
    expect(() => fitPreprocess(source, undefined, { standardise: "yes" } as unknown as PreprocessOptions)).toThrow(
      "preprocess, standardise",
    );
  });
});
