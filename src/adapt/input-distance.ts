/** The distance between the rows of the domains before any network has seen them. */
import { type EncodedRows, gather } from "../data/encode.ts";
import type { TokensSpec } from "../data/preprocess/spec.ts";
import { inputShape, preprocess, rawInputs } from "../data/preprocess.ts";
import type { Domain } from "../domain.ts";
import { internalError } from "../errors.ts";
import { domainDistance } from "../evaluate/domain-distance.ts";
import type { Matrix } from "../evaluate/logistic.ts";
import { sampleRows } from "../evaluate/sample.ts";
import { flatten, input, type Var } from "../graph/index.ts";
import type { Session } from "./context.ts";

/** Rows of each domain that the distance looks at: wide rows cost more, and a linear classifier of 1,000 is exact enough. */
export const sampleFor = (width: number): number => Math.max(200, Math.min(1000, Math.floor(1_000_000 / width)));

/** The distance between the rows as the network gets them; of tokens, between the texts as bags of them. */
export async function inputDistance({
  plan,
  backend,
  samples,
}: Pick<Session, "plan" | "backend" | "samples">): Promise<number> {
  const tokens = plan.preprocess.kind === "table" ? plan.preprocess.tokens : undefined;
  const width = inputShape(plan.preprocess).reduce((product, size) => product * size, 1);
  const most = sampleFor(tokens === undefined ? width : width + places);
  const rowsOf = async (encoded: EncodedRows, domain: Domain): Promise<Matrix> => {
    const raw: Record<string, Var> = {};
    for (const [name, type] of Object.entries(rawInputs(plan.preprocess, "N"))) raw[name] = input(name, type);
    const x = flatten(preprocess(plan.preprocess, raw, domain), 1);
    const executable = await backend.compile({ name: "inputs", outputs: { x } });
    try {
      const indices = sampleRows(encoded.rows, most, `input-distance/${domain}`);
      const values = (await executable.run(gather(encoded, indices, plan.preprocess))).x?.data;
      if (values === undefined) throw internalError("preprocessing ran without giving rows");
      const read = values as Float32Array;
      return tokens === undefined
        ? { rows: indices.length, width, values: read }
        : bagsOf(read, indices.length, tokens);
    } finally {
      await executable.dispose();
    }
  };
  const [source, target] = [await rowsOf(samples.training.rows, "source"), await rowsOf(samples.target, "target")];
  return domainDistance(source, target, { seed: plan.train.seed, sample: most });
}

/** Places that tokens are counted in, by the remainder of their number. */
const places = 1024;

/**
 * Numbers of tokens say nothing by their size: in place of the tokens that end a row, how often each place occurs among
 * those of the text, a share of all.
 */
function bagsOf(values: Float32Array, rows: number, { length }: TokensSpec): Matrix {
  const width = values.length / rows;
  const others = width - length;
  const made = new Float32Array(rows * (others + places));
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    const into = row * (others + places);
    made.set(values.subarray(start, start + others), into);
    const tokens = values.subarray(start + others, start + width).filter((token) => token >= 0);
    for (const token of tokens) {
      const at = into + others + (token % places);
      made[at] = (made[at] ?? 0) + 1 / tokens.length;
    }
  }
  return { rows, width: others + places, values: made };
}
