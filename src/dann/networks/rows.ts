/**
 * Networks for rows of features. All hidden layers are G_f and its last one the features, so both places of the
 * reversal that `reversalAt` names are the same one; G_y is linear.
 *
 * `shallow` is that of JMLR 17, section 4.1 (algorithm 1): one sigmoid layer, G_d a logistic regression. 15 units for
 * moons, 50 or 100 for Amazon reviews there; default 100. Weights start as Glorot's uniform, as in the authors' code;
 * that starts G_d's at zero, ours like the others. Algorithm 1 scales the domain classifier's own update by lambda too:
 * for that, set lambda to 1 and `domainWeight` to the paper's lambda.
 *
 * `mlp` is the usual perceptron with one hidden layer in the domain classifier.
 */
import { usageError } from "../../errors.ts";
import { assemble, hiddenLayers, type Plan, requireInput } from "./assemble.ts";
import {
  type BuiltNetwork,
  commonOptions,
  type NetworkRequest,
  type NetworkRow,
  type SettledOptions,
} from "./options.ts";

export const shallow: NetworkRow = {
  name: "shallow",
  description: "one layer of 100 sigmoid units, logistic domain classifier (JMLR 17, section 4.1)",
  input: "features",
  options: commonOptions,
  build(request, options) {
    const hidden = options.hidden ?? [100];
    if (hidden.length !== 1)
      throw usageError(
        "network-hidden",
        `network shallow: expected the width of one hidden layer, got ${hidden.length}`,
        "Use the network mlp for more layers.",
      );
    return ofRows({ name: "shallow", hidden, domainHidden: [], activation: "sigmoid", dropout: 0 }, request, options);
  },
};

export const mlp: NetworkRow = {
  name: "mlp",
  description: "fully connected, two ReLU layers of 128 and 64, domain classifier with one of 64",
  input: "features",
  options: commonOptions,
  build(request, options) {
    const hidden = options.hidden ?? [128, 64];
    if (hidden.length === 0)
      throw usageError(
        "network-hidden",
        "network mlp: expected at least one hidden layer, got none",
        "Give widths, such as 64,64: without a hidden layer there are no features to align.",
      );
    return ofRows({ name: "mlp", hidden, domainHidden: [64], activation: "relu", dropout: 0 }, request, options);
  },
};

function ofRows(plan: Omit<Plan, "body">, request: NetworkRequest, options: SettledOptions): Omit<BuiltNetwork, "why"> {
  requireInput(plan.name, request, 1, "rows of features [D]");
  const body = hiddenLayers(plan.hidden, plan, options);
  return assemble({ ...plan, body, hidden: [] }, request, { ...options, reversalAt: "features" });
}
