/** How hard a method aligns the domains: the key of the configuration that says so, and a tenth of it as a remedy. */
import { type LambdaSchedule, lambdaSchedule } from "../dann/schedules.ts";
import { combination, isRefusal } from "./combination.ts";
import type { MethodConfig } from "./config.ts";
import type { Strength } from "./row.ts";

/** Of a method by its name; undefined where nothing says it. A term beside a base leaves it to the base. */
export function strengthOf(name: string): Strength | undefined {
  const found = combination(name);
  if (isRefusal(found)) return undefined;
  const bases = found.rows.filter(({ role }) => role.kind === "base");
  return (bases.length > 0 ? bases : found.rows).find(({ strength }) => strength !== undefined)?.strength;
}

/** What of a configuration says it. */
interface Strengths {
  readonly method: MethodConfig;
  readonly train: { readonly lambda: LambdaSchedule };
}

/** The setting that aligns a tenth as hard, such as `--set train.lambda.max=0.1`; undefined where there is none. */
export function weaker({ method, train }: Strengths): string | undefined {
  const strength = strengthOf(method.name);
  if (strength === undefined) return undefined;
  const [key, value] =
    strength.kind === "lambda"
      ? peak(train.lambda)
      : ([`method.${strength.option}`, optionOf(method, strength.option)] as const);
  // Nothing is less than nothing.
  return value > 0 ? `--set ${key}=${Number((value / 10).toPrecision(2))}` : undefined;
}

/** Where lambda's largest value stands. */
const peak = (lambda: LambdaSchedule): readonly [string, number] =>
  lambda.name === "constant" ? ["train.lambda.value", lambda.value] : ["train.lambda.max", lambda.max];

const optionOf = (method: MethodConfig, option: string): number => {
  const value = Object.entries(method).find(([key]) => key === option)?.[1];
  return typeof value === "number" ? value : 0;
};

/** What of the training says how the domains are played against each other. */
interface Adversity {
  readonly lambda: LambdaSchedule;
  readonly partRates: { readonly domainClassifier: number };
}

/** What both presets have. */
const usual: Adversity = { lambda: lambdaSchedule.parse({ name: "paper" }), partRates: { domainClassifier: 1 } };

/**
 * Warnings where somebody has set lambda for a method that reverses no gradient, or a rate of G_d for one that trains none.
 * @param before what is there where nobody has set it: of a refinement what it takes from the run that it goes on from.
 */
export function idleAdversity(
  { method: { name }, train }: { readonly method: MethodConfig; readonly train: Adversity },
  before: Adversity = usual,
): string[] {
  if (name === "source-only") return [];
  const strength = strengthOf(name);
  const instead = strength?.kind === "option" ? `; how hard it aligns says method.${strength.option}` : "";
  const found = combination(name);
  const classifies = !isRefusal(found) && found.rows.some(({ trainsDomainClassifier }) => trainsDomainClassifier);
  const lambdaIsSet = JSON.stringify(train.lambda) !== JSON.stringify(before.lambda);
  const rateIsSet = train.partRates.domainClassifier !== before.partRates.domainClassifier;
  return [
    ...(lambdaIsSet && strength?.kind !== "lambda"
      ? [`train.lambda has no effect on ${name}, which has no lambda${instead}`]
      : []),
    ...(rateIsSet && !classifies
      ? [`train.partRates.domainClassifier has no effect on ${name}, which trains no domain classifier`]
      : []),
  ];
}
