/**
 * G_d (theta_d): features [N, F] to one domain logit [N, 1]; its sigmoid is the probability of "target". With several
 * sources to a logit for each of them and, last, one for the target.
 *
 * The paper's heads are fc 100 ReLU (MNIST) and twice fc 1024 ReLU (SVHN, GTSRB), then one logistic unit (JMLR 17,
 * figure 4). The head should be at least as rich as the label predictor (section 4.2): without a hidden layer DANN on
 * Amazon reviews gains nothing. It has no batch normalisation: statistics of a mixed batch would tell it, and those of
 * separate batches hide, exactly what it is to find out.
 */
import { activation } from "../nn/activations.ts";
import { type Initialisation, initialisation } from "../nn/initialisers.ts";
import type { Layer } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import { sequential } from "../nn/sequential.ts";

export interface DomainClassifierOptions {
  /** Widths of the hidden layers, each followed by ReLU; default one of 100. None: logistic regression. */
  readonly hidden?: readonly number[];
  /** Sources that are told apart; default 1. */
  readonly sources?: number;
  /** How all weights start; default Glorot's uniform, biases zero. */
  readonly initialisation?: Initialisation;
}

/** The part named `domainClassifier`. */
export function domainClassifier(options: DomainClassifierOptions = {}): Layer {
  const { hidden = [100], sources = 1, initialisation: start = initialisation("glorotUniform") } = options;
  return sequential("domainClassifier", [
    ...hidden.flatMap((units, i) => [linear(units, { name: `fc${i + 1}`, initialisation: start }), activation("relu")]),
    linear(sources === 1 ? 1 : sources + 1, { name: "logit", initialisation: start }),
  ]);
}
