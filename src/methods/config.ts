/** The configuration's `method`: a name and the options that the methods of this name read, each beside its method. */
import { z } from "zod";
import { type Combination, combination, isRefinement, isRefusal, methodNames } from "./combination.ts";
import { labelOptions } from "./options.ts";
import { type MethodOptions, methods } from "./registry.ts";
import type { OptionSchemas } from "./row.ts";

/** A method by name (`cdan+e+mcc`) with options. What is left out takes its default; what it does not read is refused. */
export interface MethodConfig extends MethodOptions {
  readonly name: string;
}

const allOptions: OptionSchemas = Object.assign({}, labelOptions, ...methods.map(({ options }) => options));

/** Schemas of what the methods of a combination read. */
export const optionsOf = (found: Combination): OptionSchemas =>
  Object.assign({}, isRefinement(found) ? {} : labelOptions, ...found.rows.map(({ options }) => options));

/** Left out is left to the chosen method: its default must not appear for a method that does not read it. */
const open = Object.fromEntries(
  Object.entries(allOptions).map(([key, schema]) => [
    key,
    schema
      .unwrap()
      .optional()
      .meta({ description: schema.description, default: schema.parse(undefined) }),
  ]),
);

const given = z.strictObject({
  name: z
    .string()
    .describe(`how the domains are aligned: ${methodNames.join(", ")}, or several joined by +, such as cdan+e+mcc`),
  ...open,
});

export const methodConfig: z.ZodType<MethodConfig, MethodConfig> = given.transform((value, context): MethodConfig => {
  const { name, ...options } = value as { readonly name: string } & Readonly<Record<string, unknown>>;
  const found = combination(name);
  if (isRefusal(found)) {
    const { refused, remedy, unknown } = found;
    const values = unknown === undefined ? {} : { unknown, values: methodNames };
    context.issues.push({
      code: "custom",
      path: ["name"],
      input: name,
      message: refused,
      params: { remedy, ...values },
    });
    return z.NEVER;
  }
  const read = optionsOf(found);
  for (const [key, option] of Object.entries(options)) {
    if (option === undefined || key in read) continue;
    const readers = methods.filter((row) => key in row.options).map((row) => row.name);
    context.issues.push({
      code: "custom",
      path: [key],
      input: option,
      message: `expected nothing, because ${found.name} does not read it, got ${JSON.stringify(option)}`,
      params: { remedy: `Leave it out: it is an option of ${readers.join(", ")}.` },
    });
  }
  for (const { key: by, off, on, reads } of switches) {
    if (options[by] !== undefined && options[by] !== off) continue;
    for (const key of reads) {
      const option = options[key];
      if (!(key in read) || option === undefined || option === read[key]?.parse(undefined)) continue;
      context.issues.push({
        code: "custom",
        path: [key],
        input: option,
        message: `expected nothing, because method.${by} is ${off}, got ${JSON.stringify(option)}`,
        params: { remedy: `Leave it out, or set method.${by} to ${on}.` },
      });
    }
  }
  const settled = Object.entries(read).map(([key, schema]) => [key, options[key] ?? schema.parse(undefined)]);
  return withoutSquared({ name: found.name, ...Object.fromEntries(settled) });
});

/** Options that have an effect where another one is not off. */
const switches = [
  { key: "classWeights", off: "none", on: "label-shift or partial", reads: ["classWeightsEvery", "classWeightsDecay"] },
  { key: "regressionLoss", off: "squared", on: "huber", reads: ["huberDelta"] },
] as const satisfies readonly {
  key: keyof MethodOptions;
  off: string;
  on: string;
  reads: readonly (keyof MethodOptions)[];
}[];

/**
 * Squared error is not said: it is what every regression had before there was another loss, classes have no use for
 * it, and runs and jobs of then are those of now.
 */
function withoutSquared(config: MethodConfig): MethodConfig {
  if (config.regressionLoss !== "squared") return config;
  const { regressionLoss: _r, huberDelta: _h, ...rest } = config;
  return rest;
}

/** Options without those that a method of this name does not read; all of them if there is no such method. */
export function readOptions(name: string, options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const found = combination(name);
  const read = isRefusal(found) ? allOptions : optionsOf(found);
  return Object.fromEntries(Object.entries(options).filter(([key]) => key in read || !(key in allOptions)));
}

/** The baseline beside a method: what of its options source-only reads is the same. */
export const sourceOnlyOf = ({ name: _, ...options }: MethodConfig): MethodConfig => ({
  ...readOptions("source-only", options),
  name: "source-only",
});
