/** All optimisers go through the contract. */
import { describe, expect, test } from "vitest";
import { adam, adamw } from "../../src/optim/adam.ts";
import { optimizerConfig } from "../../src/optim/config.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { optimizerContract } from "./optimizer.cases.ts";

optimizerContract({
  title: "sgd without momentum",
  make: () => sgd({ momentum: 0 }),
  decaying: () => sgd({ momentum: 0, weightDecay: 0.5 }),
  rates: { parabola: 0.04, rosenbrock: 0.0015 },
});
optimizerContract({
  title: "sgd with momentum",
  make: () => sgd(),
  decaying: () => sgd({ weightDecay: 0.5 }),
  rates: { parabola: 0.01, rosenbrock: 0.0004 },
});
optimizerContract({
  title: "sgd with nesterov",
  make: () => sgd({ nesterov: true }),
  decaying: () => sgd({ nesterov: true, weightDecay: 0.5 }),
  rates: { parabola: 0.01, rosenbrock: 0.0004 },
});
optimizerContract({
  title: "adam",
  make: () => adam(),
  decaying: () => adam({ weightDecay: 0.5 }),
  rates: { parabola: 0.1, rosenbrock: 0.02 },
});
optimizerContract({
  title: "adamw",
  make: () => adamw(),
  decaying: () => adamw({ weightDecay: 0.5 }),
  rates: { parabola: 0.1, rosenbrock: 0.02 },
});

describe("configuration", () => {
  test("unknown keys and senseless values are refused", () => {
    const refused = (config: unknown) => expect(optimizerConfig.safeParse(config).success).toBe(false);
    refused({ name: "sgd", momentun: 0.9 });
    refused({ name: "sgd", beta1: 0.9 });
    refused({ name: "adam", beta1: 1 });
    refused({ name: "adamw", weightDecay: -1 });
    refused({ name: "lion" });
    expect(() => sgd({ momentum: 0, nesterov: true })).toThrow("expected a momentum above 0");
  });
});
