/**
 * DANN with one thing wrong, and what the faults are variations of: checks are given all of them, and those with a
 * fault must fail.
 */
import { type DannOutputs, dann } from "../../src/dann/dann.ts";
import { domainLoss, labelLoss, pseudoObjective } from "../../src/dann/energy.ts";
import { add, logSoftmax, mul, neg, reduceMean } from "../../src/graph/index.ts";
import type { Var } from "../../src/graph/node.ts";
import type { Method } from "../../src/methods/method.ts";

/** DANN with one thing wrong. */
function faulty(
  objective: (outputs: DannOutputs, y: Var) => Var,
  lambda: (right: Var) => Var = (right) => right,
): Method {
  return {
    name: "faulty",
    readsSource: true,
    readsTarget: true,
    tellsDomains: true,
    objective({ network, scope, source, target, lambda: right }) {
      if (source === undefined || target === undefined) throw new Error("expected both domains");
      const outputs = dann(network).forward({ source: source.x, target: target.x, lambda: lambda(right), scope });
      return { loss: objective(outputs, source.y), terms: {} };
    },
  };
}

const right = ({ classLogits, sourceDomainLogits, targetDomainLogits }: DannOutputs, y: Var): Var =>
  pseudoObjective(
    labelLoss(classLogits, y),
    domainLoss({ sourceLogits: sourceDomainLogits, targetLogits: targetDomainLogits }),
  );

/** DANN with the paper's `sum`, written as the faults are: the check's control. */
export const sound: Method = faulty(right);

export const faults: Readonly<Record<string, Method>> = {
  "lambda is 0": faulty(right, (lambda) => mul(lambda, 0)),
  "the reversal has the wrong sign": faulty(right, neg),
  "softmax over one logit": faulty(({ classLogits, sourceDomainLogits, targetDomainLogits }, y) => {
    const constant = (logits: Var): Var => neg(reduceMean(logSoftmax(logits, 1)));
    return add(labelLoss(classLogits, y), add(constant(sourceDomainLogits), constant(targetDomainLogits)));
  }),
  "the target has the source's domain label": faulty((outputs, y) =>
    right({ ...outputs, targetDomainLogits: neg(outputs.targetDomainLogits) }, y),
  ),
  "the source has the target's domain label": faulty((outputs, y) =>
    right({ ...outputs, sourceDomainLogits: neg(outputs.sourceDomainLogits) }, y),
  ),
  "the domain logit is a constant": faulty((outputs, y) =>
    right(
      {
        ...outputs,
        sourceDomainLogits: mul(outputs.sourceDomainLogits, 0),
        targetDomainLogits: mul(outputs.targetDomainLogits, 0),
      },
      y,
    ),
  ),
  "lambda scales the domain classifier too": {
    name: "faulty",
    readsSource: true,
    readsTarget: true,
    tellsDomains: true,
    objective({ network, scope, source, target, lambda }) {
      if (source === undefined || target === undefined) throw new Error("expected both domains");
      const outputs = dann(network).forward({ source: source.x, target: target.x, lambda: 1, scope });
      const domains = domainLoss({
        sourceLogits: outputs.sourceDomainLogits,
        targetLogits: outputs.targetDomainLogits,
      });
      return { loss: add(labelLoss(outputs.classLogits, source.y), mul(domains, lambda)), terms: {} };
    },
  },
  "half for sum": faulty(({ classLogits, sourceDomainLogits, targetDomainLogits }, y) =>
    add(
      labelLoss(classLogits, y),
      domainLoss({ sourceLogits: sourceDomainLogits, targetLogits: targetDomainLogits }, { reading: "half" }),
    ),
  ),
};
