/**
 * Spectral normalisation (Miyato et al., ICLR 2018): each weight matrix W is used as W / sigma, sigma its largest singular
 * value, so that a layer is 1-Lipschitz. One power iteration a step goes on from the vector of the step before,
 *
 *   v = W' u / |W' u|,   u <- W v / |W v|,   sigma = u' W v
 *
 * with u and v constants to the gradient. Weights of convolutions are taken as [first axis, the rest].
 */
import { add, div, matmul, mul, reduceSum, reshape, sqrt, square, stopGradient, transpose } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import { normal } from "./initialisers.ts";
import type { Scope } from "./layer.ts";

/** Keeps a weight of all zeros from being 0 / 0. */
const tiny = 1e-12;

/** The scope in which layers have normalised weights. Biases and scales stay. */
export const spectrallyNormalised = (scope: Scope): Scope => ({
  ...scope,
  child: (name) => spectrallyNormalised(scope.child(name)),
  parameter(name, dims, initialiser, options) {
    const weight = scope.parameter(name, dims, initialiser, options);
    const [high = 1, ...rest] = dims;
    if (rest.length === 0) return weight;
    const matrix = reshape(weight, [high, -1]);
    const before = scope.statistic(`${name}-direction`, [high, 1], normal(1));
    const v = unit(matmul(transpose(matrix, [1, 0]), before));
    const u = unit(matmul(matrix, v));
    scope.updateStatistic(`${name}-direction`, u);
    const sigma = reduceSum(mul(u, matmul(matrix, v)));
    return div(weight, add(sigma, tiny));
  },
});

const unit = (vector: Var): Var => stopGradient(div(vector, sqrt(add(reduceSum(square(vector)), tiny))));
