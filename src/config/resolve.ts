/** From what the user gave to a complete configuration: defaults < preset < file < flags. */
import type * as z from "zod";
import { readOptions } from "../methods/config.ts";
import { checkConfig } from "./check.ts";
import { parseConfig } from "./file.ts";
import { isPlain, merge, type Plain, valueAt } from "./merge.ts";
import { overPreset } from "./presets.ts";
import {
  type PresetName,
  presetNames,
  type RecipeConfig,
  type RefineConfig,
  type RefineRecipe,
  type RunConfig,
  recipeConfig,
  refineConfig,
  refineRecipe,
  runConfig,
} from "./schema.ts";

/** Layers from the weakest to the strongest, each with its name for messages. */
export interface Layer {
  readonly origin: string;
  readonly config: Plain;
}

/** @param flagFor the flag that sets a key: a wrong value of a flag is told by the flag's name. */
export const resolveRun = (layers: readonly Layer[], flagFor?: (key: string) => string | undefined): RunConfig =>
  resolve(runConfig, layers, flagFor);
export const resolveRecipe = (layers: readonly Layer[]): RecipeConfig => resolve(recipeConfig, layers);

/** A refinement: what is given over what the run that it goes on from was trained with. */
export const resolveRefinement = (
  base: Plain,
  layers: readonly Layer[],
  flagFor?: (key: string) => string | undefined,
): RefineConfig => {
  const given = layers.reduce<Plain>((below, { config }) => merge(below, config), base);
  return checkConfig(refineConfig, given, originOf(layers), flagFor);
};

/** The same of a refinement by code: rows come from elsewhere, so that the base's ways to read files are left out. */
export function resolveRefineRecipe({ data: _, ...base }: Plain, layer: Layer): RefineRecipe {
  return checkConfig(refineRecipe, merge(base, layer.config), layer.origin);
}

/**
 * A configuration as a run has saved it: complete, so that later defaults and presets do not change it. Runs of old
 * saved options of the method that it does not read: they had no effect, and are left out.
 */
export function savedRun(text: string, origin: string): RunConfig {
  const saved = parseConfig(text, origin);
  const { method } = saved;
  const read = isPlain(method) ? { method: readOptions(String(method.name), method) } : {};
  return checkConfig(runConfig, { ...saved, ...read }, origin);
}

/** The configuration of a refinement as its run has saved it, or undefined where the run is none. */
export function savedRefinement(text: string, origin: string): RefineConfig | undefined {
  const saved = parseConfig(text, origin);
  return saved.from === undefined ? undefined : checkConfig(refineConfig, saved, origin);
}

function resolve<S extends z.ZodType>(
  schema: S,
  layers: readonly Layer[],
  flagFor?: (key: string) => string | undefined,
): z.output<S> {
  const given = layers.reduce<Plain>((below, { config }) => merge(below, config), {});
  const preset = (presetNames as readonly unknown[]).includes(given.preset) ? (given.preset as PresetName) : "modern";
  return checkConfig(schema, overPreset(preset, given), originOf(layers), flagFor);
}

/** The strongest layer that has the key; of a key that none has, all layers that say anything: where to look. */
const originOf =
  (layers: readonly Layer[]) =>
  (path: readonly string[]): string => {
    const speaking = layers.filter(({ config }) => Object.keys(config).length > 0);
    const having = speaking.filter(({ config }) => valueAt(config, path) !== undefined).slice(-1);
    const told = having.length > 0 && path.length > 0 ? having : speaking;
    return told.length === 0 ? "configuration" : told.map(({ origin }) => origin).join(" and ");
  };
