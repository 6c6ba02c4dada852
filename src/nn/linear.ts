/** Fully connected layer. */
import { add, gemm, matmul } from "../graph/index.ts";
import { operatorError } from "../graph/node.ts";
import { type Initialisation, initialisation } from "./initialisers.ts";
import type { Layer } from "./layer.ts";
import { fixedSize } from "./shapes.ts";

export interface LinearOptions {
  /** Default `fc`. */
  readonly name?: string;
  /** Whether a bias is added; default true. Pointless before batch normalisation, which takes it off again. */
  readonly bias?: boolean;
  /** Default Glorot's uniform, biases zero. */
  readonly initialisation?: Initialisation;
}

/** x [N, in] to x W + b [N, units]; W [in, units], b [units]. */
export function linear(units: number, options: LinearOptions = {}): Layer {
  const { name = "fc", bias = true, initialisation: start = initialisation("glorotUniform") } = options;
  return {
    name,
    description: `fc ${units}`,
    mixesRows: false,
    apply(x, scope) {
      const rank = x.type.shape.length;
      if (rank < 2) throw operatorError(`linear ${name}`, "rows [N, features]", x);
      const inputs = fixedSize(`linear ${name}`, x, -1);
      const weight = scope.parameter("weight", [inputs, units], start.weight);
      const shift = bias ? scope.parameter("bias", [units], start.bias(inputs), { decay: false }) : undefined;
      if (rank === 2) return gemm(x, weight, shift);
      const product = matmul(x, weight);
      return shift === undefined ? product : add(product, shift);
    },
  };
}
