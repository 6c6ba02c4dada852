/** The main job as one function: labelled rows of one place, unlabelled ones of another, a model for the other. */

import type { Plain } from "../config/merge.ts";
import { resolveRecipe } from "../config/resolve.ts";
import type { PresetName, RecipeConfig, RecipeInput } from "../config/schema.ts";
import type { PreprocessOptions } from "../data/config.ts";
import { usageError } from "../errors.ts";
import type { Network } from "../methods/method.ts";
import type { TaskKind } from "../task.ts";
import { rowsFor } from "./backbone-input.ts";
import { type AdaptRun, launch } from "./launch.ts";
import { checkNetworkName, isModule } from "./network.ts";
import type { BackboneSource, NetworkSource } from "./plan.ts";
import { type AdaptData, preparePlan } from "./prepare.ts";
import type { ThreadChoice } from "./thread.ts";

export interface AdaptOptions extends AdaptData {
  /** What the labels are: classes (default), two classes by one logit, or numbers. */
  readonly task?: TaskKind;
  /** Recipe to start from; everything below is laid over it. Default `modern`. */
  readonly preset?: PresetName;
  /** A name (`auto`, `mlp`, `mnist`, …), a name with options, or a network made of layers. Default `auto`. */
  readonly network?: string | RecipeInput["network"] | Network;
  /**
   * A network trained elsewhere (ONNX, its path, URL or bytes) that becomes the first part of G_f, in front of
   * `network`. Default: none. Its weights stay unless `train` says otherwise.
   */
  readonly backbone?: Pick<BackboneSource, "model"> & Partial<BackboneSource>;
  /** A name (`dann`, `source-only`) or a name with options. Default `dann`. */
  readonly method?: RecipeInput["method"]["name"] | RecipeInput["method"];
  /** Steps, batches, optimiser, schedules, seed, device, threads. Default: the preset's. */
  readonly train?: Partial<RecipeInput["train"]>;
  /** What is measured. Default: every row of the table. */
  readonly evaluate?: RecipeInput["evaluate"];
  /** How rows become inputs. Default: told from the data. */
  readonly preprocess?: PreprocessOptions;
  /**
   * Folder where features of a frozen backbone are kept from run to run (Node). Default: nowhere. `false`: nowhere, and
   * where `train.augment` changes images they are computed anew at every step, which is otherwise refused.
   */
  readonly cache?: string | false;
  /** Folder of the run (Node). Default: nothing is written. */
  readonly out?: string;
  /** Goes on with the interrupted run in `out`; data and options must be the same. Default false. */
  readonly resume?: boolean;
  /** Stops the run after the step in progress. */
  readonly signal?: AbortSignal;
  /** Where training runs. Default `auto`: a worker in Node, this thread elsewhere and for networks made of layers. */
  readonly thread?: ThreadChoice;
}

/**
 * Trains source-only and the method with the same network, seed and budget, and says which to use. Rejects on data or
 * options that cannot work; after that the run goes on by itself: `for await (const event of run.events())`, or
 * `await run.done`.
 */
export async function adapt(options: AdaptOptions): Promise<AdaptRun> {
  const {
    network,
    method,
    preset,
    task,
    train,
    evaluate,
    preprocess = {},
    out,
    resume = false,
    signal,
    thread,
  } = options;
  if (resume && out === undefined)
    throw usageError("resume", "resume: expected the run's folder in `out`, got nothing");
  const made = typeof network === "object" && "featureExtractor" in network ? network : undefined;
  const given: Plain = {
    preset,
    task,
    network: typeof network === "string" ? { name: network } : made === undefined ? network : undefined,
    method: typeof method === "string" ? { name: method } : method,
    train,
    evaluate,
  };
  const recipe = resolveRecipe([{ origin: "adapt", config: given }]);
  const source = behind(options.backbone, made === undefined ? networkSource(recipe) : { kind: "made", network: made });
  const rows = await rowsFor(source.kind === "named" ? source.backbone : undefined, preprocess);
  const plan = preparePlan(options, { ...recipe, network: source, ...rows, cache: options.cache });
  return launch(plan, {
    signal,
    thread,
    tokenizer: rows.tokens?.tokenizer.bytes,
    folder: out === undefined ? undefined : { path: out, config: await text(), resume },
  });

  /** Imported when asked for: a browser that writes nothing has no use for YAML. */
  async function text(): Promise<string> {
    const { printConfig } = await import("../config/file.ts");
    const said =
      made === undefined
        ? { ...recipe.network, ...(source.kind === "named" && savedBackbone(source.backbone)) }
        : { name: made.name, options: {} };
    return printConfig({ ...recipe, network: said, data: { preprocess } });
  }
}

/** By absolute paths, so that the run's network can be made again from anywhere; bytes have none. */
function savedBackbone(
  source: BackboneSource | undefined,
): Pick<RecipeConfig["network"], "backbone"> | Record<string, never> {
  if (typeof source?.model !== "string") return {};
  const { model, tokenizer, ...rest } = source;
  const absolute = (place: string): string =>
    /^[a-z]+:\/\//.test(place) ? place : process.getBuiltinModule("node:path").resolve(place);
  return {
    backbone: {
      ...{ ...rest, model: absolute(model) },
      ...(typeof tokenizer === "string" && { tokenizer: absolute(tokenizer) }),
    },
  };
}

function behind(backbone: AdaptOptions["backbone"], network: NetworkSource): NetworkSource {
  if (backbone === undefined) return network;
  if (network.kind === "named") return { ...network, backbone: { train: "none", ...backbone } };
  throw usageError(
    "backbone-network",
    "backbone: expected a network by name behind it, got one made of layers",
    "Name one, such as mlp, or put importOnnx into the layers.",
  );
}

/** The network that a configuration names, checked before anything is read. */
export function networkSource({ network }: Pick<RecipeConfig, "network">): NetworkSource {
  checkNetworkName(network.name);
  if (!isModule(network.name)) return { kind: "named", ...network };
  if (network.backbone !== undefined)
    throw usageError(
      "backbone-module",
      `network: expected a network by name behind a backbone, got the module ${network.name}`,
      "Import the ONNX file in the module itself (importOnnx), or use --network mlp.",
    );
  return {
    kind: "module",
    path: process.getBuiltinModule("node:path").resolve(network.name),
    options: network.options,
  };
}
