/**
 * A store collects, while a network is applied, what it carries and draws: parameters, running statistics, noise. Each
 * becomes an input of the graph, named by its path. Two stores filled by the same network hold the same names, so the
 * graph of inference can be made long after the graph of training, with a store of its own.
 */
import { internalError, usageError } from "../errors.ts";
import { input, type Var } from "../graph/node.ts";
import { constant, given } from "./initialisers.ts";
import type { Initialiser, Mode, NoiseSpec, ParameterOptions, Scope, StateSpec } from "./layer.ts";

export interface Store {
  /** The root scope for one way of using the network. Scopes of one store share its parameters. */
  scope(mode: Mode): Scope;
  /** Parameters and statistics in the order in which they were first asked for. */
  states(): readonly StateSpec[];
  /** The graph input `state:<name>` that carries a parameter or statistic, or what was assigned in its place. */
  variable(name: string): Var;
  /** A new value of a parameter: networks that are applied from now on use it. */
  assign(name: string, value: Var): void;
  /** Noise by name; graph inputs `noise:<name>`. */
  noises(): ReadonlyMap<string, NoiseSpec>;
  /** Value of each statistic after the step, by name. */
  statisticUpdates(): ReadonlyMap<string, Var>;
}

interface Entry {
  readonly spec: StateSpec;
  readonly variable: Var;
}

export function createStore(): Store {
  const entries = new Map<string, Entry>();
  const noises = new Map<string, NoiseSpec>();
  const updates = new Map<string, Var>();
  const assigned = new Map<string, Var>();

  /** The entry of that name: the existing one if it fits, else a new one. */
  const entry = (
    name: string,
    dims: readonly number[],
    kind: StateSpec["kind"],
    decay: boolean,
    initialiser: Initialiser,
  ): Entry => {
    const existing = entries.get(name);
    if (existing !== undefined) {
      const { type, kind: was } = existing.spec;
      if (was !== kind || type.shape.join() !== dims.join())
        throw usageError(
          "state-reuse",
          `${name}: expected the ${was} [${type.shape.join(",")}] of its first use, got a ${kind} [${dims.join(",")}]`,
          "Give the two layers different names.",
        );
      return existing;
    }
    const type = { dtype: "float32", shape: dims } as const;
    const made: Entry = {
      spec: { name, type, kind, decay, initialise: (random) => initialiser(dims, random) },
      variable: input(`state:${name}`, type),
    };
    entries.set(name, made);
    return made;
  };

  const scopeAt = (prefix: string, mode: Mode): Scope => ({
    mode,
    child: (name) => scopeAt(`${prefix}${checkedName(name)}/`, mode),
    parameter(name, dims, initialiser, options: ParameterOptions = {}) {
      const path = prefix + checkedName(name);
      const { variable } = entry(path, dims, "parameter", options.decay ?? true, initialiser);
      return assigned.get(path) ?? variable;
    },
    statistic(name, dims, initial) {
      const path = prefix + checkedName(name);
      const { variable } = entry(path, dims, "statistic", false, startOf(initial));
      // A layer applied twice in one step updates its statistics twice: the second update starts from the first.
      return mode.kind === "training" ? (updates.get(path) ?? variable) : variable;
    },
    updateStatistic(name, value) {
      const path = prefix + checkedName(name);
      if (!entries.has(path)) throw internalError(`statistic ${path} is updated before it is asked for`);
      if (mode.kind === "training") updates.set(path, value);
    },
    noise(name, spec) {
      if (mode.kind === "inference") throw internalError(`noise ${prefix}${name} in inference`);
      // Every application draws its own: the second use in one graph gets another name.
      const base = prefix + checkedName(name);
      let path = base;
      for (let use = 2; noises.has(path); use++) path = `${base}#${use}`;
      noises.set(path, spec);
      return input(`noise:${path}`, { dtype: "float32", shape: spec.shape });
    },
  });

  return {
    scope: (mode) => scopeAt("", mode),
    states: () => [...entries.values()].map(({ spec }) => spec),
    variable(name) {
      const found = entries.get(name);
      if (found === undefined) throw internalError(`no state named ${name}`);
      return assigned.get(name) ?? found.variable;
    },
    assign(name, value) {
      if (entries.get(name)?.spec.kind !== "parameter") throw internalError(`no parameter named ${name}`);
      assigned.set(name, value);
    },
    noises: () => noises,
    statisticUpdates: () => updates,
  };
}

/** The scope with statistics that stay as they are: for rows that are not what the network will meet. */
export const keepingStatistics = (scope: Scope): Scope => ({
  ...scope,
  child: (name) => keepingStatistics(scope.child(name)),
  updateStatistic: () => undefined,
});

function startOf(initial: number | Float32Array | Initialiser): Initialiser {
  if (typeof initial === "function") return initial;
  return typeof initial === "number" ? constant(initial) : given(initial);
}

function checkedName(name: string): string {
  if (!/^[A-Za-z0-9_.-]+$/.test(name))
    throw usageError("layer-name", `layer name: expected letters, digits, "_", "-" or ".", got "${name}"`);
  return name;
}
