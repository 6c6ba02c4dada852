/**
 * VAT, virtual adversarial training (Miyato et al., TPAMI 2018), here of both domains: what is predicted should not
 * change under the small change of the input that changes it most,
 *
 *   vatSourceWeight mean_source KL(p(x) || p(x + r)) + vatTargetWeight mean_target KL(p(x) || p(x + r))
 *   r = e g / |g|,  g = gradient of KL(p(x) || p(x + xi d)) by d,  d random of length 1  (one power iteration)
 *
 * p(x) and r are constants. e = vatRadius sqrt(numbers in a row), so that `vatRadius` is the change of one number in the
 * mean and one default fits tables and images (VADA's 3.5 for 32x32x3 is .063 by this); xi = e / 10. Changed rows go
 * through the network as a batch of both domains; they leave the running statistics alone. No adversary of the domains:
 * on shifts that leave gaps between classes the row of VAT alone shows what is VAT's, and what an adversary adds.
 */
import { z } from "zod";
import { classify } from "../dann/classify.ts";
import { usageError } from "../errors.ts";
import {
  add,
  concat,
  div,
  exp,
  gradients,
  logSoftmax,
  mul,
  reduceMean,
  reduceSum,
  sqrt,
  square,
  stopGradient,
  sub,
} from "../graph/index.ts";
import { operatorError, type Var } from "../graph/node.ts";
import { isFloat, isStatic, printType, sizeOf } from "../graph/tensor.ts";
import { keepingStatistics } from "../nn/scope.ts";
import type { MethodRow, Pass } from "./row.ts";

const options = {
  vatRadius: z
    .number()
    .positive()
    .default(0.1)
    .describe("length of the virtual adversarial change, per root of the numbers in a row"),
  vatSourceWeight: z.number().nonnegative().default(1).describe("factor of the virtual adversarial loss on the source"),
  vatTargetWeight: z.number().nonnegative().default(1).describe("factor of the virtual adversarial loss on the target"),
};

export const vat: MethodRow<typeof options> = {
  name: "vat",
  description: "predictions should not change under small changes of the rows, in both domains; no adversary",
  source: "Miyato et al., Virtual Adversarial Training, TPAMI 2018",
  role: { kind: "term", alone: true, bases: "all" },
  strength: { kind: "option", option: "vatTargetWeight" },
  needsClasses: "it compares class probabilities",
  options,
  ingredient: ({ vatRadius, vatSourceWeight, vatTargetWeight }) => ({
    objective(pass) {
      const { network, scope } = pass;
      const x = concat([pass.source.x, pass.target.x], 0);
      const logits = concat([pass.source.logits, pass.target.logits()], 0);
      const both = pass.apart(virtualAdversarial({ network, scope, x, logits }, vatRadius));
      const [source, target] = [reduceMean(both.source), reduceMean(both.target)];
      return {
        loss: add(mul(source, vatSourceWeight), mul(target, vatTargetWeight)),
        terms: { vatSource: source, vatTarget: target },
      };
    },
  }),
};

/** Keeps a direction of length 0 from being 0 / 0. */
const tiny = 1e-30;

/** A batch as the scope's mode has it, with its class logits [N, classes]. */
interface Smoothed extends Pick<Pass, "network" | "scope"> {
  /** [N, ...] */
  readonly x: Var;
  readonly logits: Var;
}

/** KL(p(x) || p(x + r)) of each row, [N]. */
export function virtualAdversarial({ network, scope: own, x, logits }: Smoothed, radius: number): Var {
  const { shape } = x.type;
  if (!isFloat(x.type.dtype))
    throw usageError(
      "vat-input",
      `vat: expected rows of numbers, got ${printType(x.type)}`,
      "Tokens cannot be changed a little: use another method, or features of a frozen backbone.",
    );
  if (!isStatic(shape)) throw operatorError("vat", "a batch of a known size", x);
  const length = radius * Math.sqrt(sizeOf(shape.slice(1)));
  const before = stopGradient(logSoftmax(logits, -1));
  const scope = keepingStatistics(own);
  const divergence = (change: Var): Var => {
    const after = logSoftmax(classify(network, add(x, change), scope).logits, -1);
    return reduceSum(mul(exp(before), sub(before, after)), { axes: [1] });
  };
  const start = unitRows(own.child("vat").noise("direction", { kind: "normal", shape }));
  const [slope] = gradients(reduceSum(divergence(mul(start, length / 10))), [start]) as [Var];
  const worst = mul(stopGradient(unitRows(slope)), length);
  return divergence(worst);
}

/** Rows scaled to length 1 over all their numbers. */
function unitRows(rows: Var): Var {
  const axes = rows.type.shape.map((_, axis) => axis).slice(1);
  return div(rows, sqrt(add(reduceSum(square(rows), { axes, keepDims: true }), tiny)));
}
