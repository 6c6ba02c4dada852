/**
 * AdaBN, adaptive batch normalisation (Li et al., ICLR workshops 2017, algorithm 1): trains on the source alone; then the
 * statistics of batch normalisation, and nothing else, become the target's.
 *
 * The last `estimation` of the steps move no weight: running statistics of the target follow with weights that stay. Where
 * scale and shift are kept by domain, the target's are the source's. The table of every adaptation has a row like it
 * (`evaluate.adabn`); as a method it is selected, judged and exported. Needs statistics that are kept by domain.
 */
import { z } from "zod";
import { movedStatistics } from "../dann/moved-statistics.ts";
import { usageError } from "../errors.ts";
import { concat, mul } from "../graph/index.ts";
import type { MethodRow, Pass } from "./row.ts";

const options = {
  estimation: z
    .number()
    .positive()
    .max(1)
    .default(0.1)
    .describe("share of AdaBN's steps, the last, that estimate the target's statistics"),
};

export const adabn: MethodRow<typeof options> = {
  name: "adabn",
  description: "trains on the source; batch normalisation then gets the statistics of the target",
  source: "Li et al., Revisiting Batch Normalization For Practical Domain Adaptation, ICLR workshops 2017",
  role: { kind: "base", noTerms: "adabn trains on the source alone" },
  options,
  ingredient: ({ estimation }) => ({
    warmUp: { share: 1 - estimation },
    moves: () => false,
    objective(pass) {
      requireStatistics(pass);
      const { source, target, labelLoss } = pass;
      // The label loss is there to be reported: nothing moves by it.
      return { loss: mul(labelLoss({ source: source.logits, target: target.logits }).loss, 0), terms: {} };
    },
  }),
};

function requireStatistics({ network, source, target, scope }: Pass): void {
  const moved = movedStatistics(network, concat([source.x, target.x], 0), scope.mode);
  if (moved.some((name) => name.endsWith("/target/mean"))) return;
  throw usageError(
    "adabn-network",
    `adabn: expected batch normalisation with statistics of each domain, got ${moved.length === 0 ? "a network without any" : "statistics of both together"}`,
    "Use --set network.options.batchNorm=perDomain or perDomainStats.",
  );
}
