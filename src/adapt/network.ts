/** The network of a session: a registered one, one from a user's module, or one made by hand. */
import { makeNetwork, type NetworkRequest, networkNames } from "../dann/networks/registry.ts";
import { closest } from "../data/names.ts";
import { describePixels } from "../data/preprocess/image.ts";
import { inputShape, type PreprocessSpec } from "../data/preprocess.ts";
import { DannError, usageError } from "../errors.ts";
import type { Network } from "../methods/method.ts";
import type { NetworkSource, SessionPlan } from "./plan.ts";
import { headOf, sourcesApart } from "./stages.ts";
import { type FrozenBackbone, networkWithBackbone } from "./with-backbone.ts";

export interface DescribedNetwork {
  readonly network: Network;
  readonly description: string;
  readonly why: string;
  /** A part of G_f that no training changes. */
  readonly frozen?: FrozenBackbone | undefined;
}

/** Whether `--network` names a module of the user's. */
export const isModule = (name: string): boolean => /\.[cm]?[jt]s$/.test(name);

/** Refuses a name that no network has, before any data are read. */
export function checkNetworkName(name: string): void {
  if (isModule(name) || networkNames.includes(name)) return;
  const guess = closest(name, networkNames);
  throw usageError(
    "unknown-network",
    `network: expected ${networkNames.join(", ")} or a module (.js, .ts), got ${name}`,
    guess === undefined ? undefined : `Did you mean ${guess}?`,
  );
}

/** The network of a plan; behind a backbone it is also said what the backbone gets. */
export async function networkOfPlan({
  network,
  preprocess,
  task,
  classes,
  source,
  sources,
  method,
  target,
}: NetworkPlan): Promise<DescribedNetwork> {
  const described = await networkFrom(network, {
    preprocess,
    ...headOf({ task, classes }),
    rows: { source: source?.rows.rows ?? 0, target: target.rows },
    sources: sourcesApart({ sources, method })?.names.length,
  });
  if (preprocess.kind !== "image" || network.kind !== "named" || network.backbone === undefined) return described;
  const { height, width } = preprocess;
  return { ...described, why: `${described.why}; images of ${height}x${width}: ${describePixels(preprocess)}` };
}

/** A refinement has no source. */
type NetworkPlan = Pick<SessionPlan, "network" | "preprocess" | "task" | "classes" | "method" | "target"> &
  Partial<Pick<SessionPlan, "source" | "sources">>;

/** What a network is made for, told by how its rows are preprocessed. */
export type RowsRequest = Omit<NetworkRequest, "inputShape"> & { readonly preprocess: PreprocessSpec };

export async function networkFrom(
  source: NetworkSource,
  { preprocess, ...rest }: RowsRequest,
): Promise<DescribedNetwork> {
  const request = { ...rest, inputShape: inputShape(preprocess) };
  switch (source.kind) {
    case "named": {
      if (source.backbone !== undefined) {
        const tokens = preprocess.kind === "table" ? preprocess.tokens : undefined;
        return networkWithBackbone(source, request, tokens);
      }
      const network = makeNetwork(source.name, request, source.options);
      return { network, description: network.description, why: network.why };
    }
    case "module":
      return fromModule(source, request);
    case "made":
      // Its label predictor is there already: one logit or two is not ours to say.
      if (request.task === "binary")
        throw usageError(
          "task-network",
          "task: expected a network by name for a binary task, got one made of layers",
          'Leave the task out, or make its label predictor with labelPredictor(2, { task: "binary" }).',
        );
      return { network: source.network, description: describe(source.network), why: "given" };
    default:
      throw usageError("network", `unknown kind of network ${String(source satisfies never)}`);
  }
}

async function fromModule(
  source: NetworkSource & { kind: "module" },
  request: NetworkRequest,
): Promise<DescribedNetwork> {
  const { path, options } = source;
  const { pathToFileURL } = process.getBuiltinModule("node:url");
  let module: Record<string, unknown>;
  try {
    module = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof DannError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
      throw usageError(
        "network-module",
        `network module ${path}: this Node (${process.version}) does not read TypeScript`,
        "Use Node 22.18 or later, compile the module to .js, or start with node --import tsx.",
      );
    }
    throw usageError(
      "network-module",
      `network module ${path}: cannot be loaded: ${(cause instanceof Error ? cause.message : String(cause)).split("\n")[0]}`,
    );
  }
  const make = module.network ?? module.default;
  if (typeof make !== "function") {
    throw usageError(
      "network-module",
      `network module ${path}: expected an export "network", a function from a request to a network`,
      "export function network({ inputShape, classes }, options) { return { name, featureExtractor, labelPredictor, domainClassifier }; }",
    );
  }
  const network = (await (make as (r: NetworkRequest, o: object) => unknown)(request, options)) as Network;
  for (const part of ["featureExtractor", "labelPredictor", "domainClassifier"] as const) {
    if (typeof network?.[part]?.apply === "function") continue;
    throw usageError("network-module", `network module ${path}: expected a network with a layer "${part}"`);
  }
  return { network, description: describe(network), why: `made by ${path}` };
}

const describe = (network: Network): string =>
  `G_f: ${network.featureExtractor.description}\nG_y: ${network.labelPredictor.description}\nG_d: ${network.domainClassifier.description}`;
