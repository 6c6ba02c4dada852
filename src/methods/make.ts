/** From a configured name to what training minimises: the label loss, and what each row of the combination adds. */
import { bothDomains } from "../dann/both-domains.ts";
import { classify } from "../dann/classify.ts";
import { labelLoss, type RowWeights } from "../dann/energy.ts";
import { huberLoss } from "../dann/huber-loss.ts";
import { squaredLoss } from "../dann/squared-loss.ts";
import { internalError, usageError } from "../errors.ts";
import { add, mul } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import type { TaskKind } from "../task.ts";
import { type ClassWeightOptions, classWeighting, weightsOfRows } from "./class-weights.ts";
import { type Combination, combination, isRefinement, isRefusal } from "./combination.ts";
import { type MethodConfig, methodConfig } from "./config.ts";
import type { Method, MethodContext, Objective, Update } from "./method.ts";
import type { Ingredient, LabelObjective, MethodRow, Pass, PassUpdate } from "./row.ts";
import { allOfTarget, type LabelLoss, supervised } from "./supervision.ts";
import { checkTask } from "./task.ts";

/**
 * @param task what the source's labels are: what has no meaning for them is refused. Left out they are classes, and
 * nothing is refused, for those who only ask what a method reads.
 */
export function makeMethod(config: MethodConfig, task?: TaskKind): Method {
  const parsed = methodConfig.safeParse(config);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw usageError("method", `${["method", ...(issue?.path ?? [])].join(".")}: ${issue?.message}`);
  }
  const found = combination(parsed.data.name);
  if (isRefusal(found)) throw internalError(found.refused);
  checkTask(found, parsed.data, task);
  return isRefinement(found) ? refinement(found, { ...parsed.data }) : compose(found, { ...parsed.data }, task);
}

/** @param options every option that the rows read, defaults filled in. */
export function compose({ name, rows }: Combination, options: Options, task: TaskKind = "classification"): Method {
  const ingredients = rows.map((row) => row.ingredient(optionsFor(row, options)));
  const lossOf = labelLossOf(task, options);
  const labels = task === "regression" ? "numbers" : "classes";
  if (name === "source-only")
    return { name, readsSource: true, readsTarget: false, tellsDomains: false, labels, objective: sourceOnly(lossOf) };
  const weighting = classWeighting(options);
  const asked = { lossOf, weighs: weighting !== undefined };
  const passOf = (context: MethodContext): Pass => bothPass(context, ingredients, asked);
  const updates = (which: "before" | "after"): Update[] =>
    ingredients.flatMap((ingredient) => (ingredient[which] ?? []).map((update) => ofContext(update, passOf)));
  const moves = ingredients.flatMap((ingredient) => ingredient.moves ?? []);
  return {
    name,
    readsSource: true,
    readsTarget: true,
    // Normalised weights are those of the steps: a model that is taken out of them has the bare ones.
    tellsDomains:
      options.domainSpectralNorm !== true &&
      rows.some(({ role }) => role.kind === "base" && role.tellsDomains === true),
    labels,
    objective: (context) => together(passOf(context), ingredients),
    moves: moves.length === 0 ? undefined : (parameter) => moves.every((each) => each(parameter)),
    before: updates("before"),
    after: updates("after"),
    warmUp: warmUpOf(ingredients, passOf),
    sourceNetwork: ingredients.find(({ sourceNetwork }) => sourceNetwork !== undefined)?.sourceNetwork,
    classWeights: weighting,
  };
}

/** A method of the target alone: one row, and no label loss. */
function refinement({ name, rows }: Combination, options: Options): Method {
  const [made] = rows.map((row) => row.ingredient(optionsFor(row, options)));
  const { refine, moves, pseudoLabels, copies } = made ?? {};
  if (refine === undefined) throw internalError(`the refinement ${name} minimises nothing`);
  return {
    name,
    readsSource: false,
    readsTarget: true,
    tellsDomains: false,
    objective({ target, ...context }) {
      if (target === undefined) throw internalError("a refinement was given no target batch");
      return refine({ ...context, target: { ...target, ...classify(context.network, target.x, context.scope) } });
    },
    moves,
    pseudoLabels,
    copies,
  };
}

type Options = Readonly<Record<string, unknown>> &
  Pick<
    MethodConfig,
    "labelSmoothing" | "regressionLoss" | "huberDelta" | "domainSpectralNorm" | keyof ClassWeightOptions
  >;

const optionsFor = (row: MethodRow, options: Options): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.keys(row.options).map((key) => [key, options[key]]));

function labelLossOf(task: TaskKind, options: Options): LabelLoss {
  const { labelSmoothing = 0, regressionLoss = "squared", huberDelta = 1 } = options;
  if (task !== "regression")
    return (logits, y, weights) => labelLoss(logits, y, { smoothing: labelSmoothing, weights });
  switch (regressionLoss) {
    case "squared":
      return (outputs, y) => squaredLoss(outputs, y);
    case "huber":
      return (outputs, y) => huberLoss(outputs, y, huberDelta);
    default:
      throw internalError(`unknown loss ${String(regressionLoss satisfies never)}`);
  }
}

const sourceOnly =
  (lossOf: LabelLoss) =>
  ({ network, source, labelledTarget, scope }: MethodContext): Objective => {
    if (source === undefined) throw internalError("source-only was given no source batch");
    const loss = supervised({ source, labelledTarget, lossOf });
    if (labelledTarget === undefined) {
      const { logits } = classify(network, source.x, scope);
      return loss({ source: logits, target: () => logits });
    }
    const both = bothDomains(network, { source: source.x, target: labelledTarget.x, scope });
    return loss({ source: both.source.logits, target: both.target.logits });
  };

const ofContext = ({ moves, loss }: PassUpdate, passOf: (context: MethodContext) => Pass): Update => ({
  moves,
  loss: (context) => loss(passOf(context)),
});

interface LabelLossAsked {
  readonly lossOf: LabelLoss;
  /** Whether source rows count by their class. */
  readonly weighs: boolean;
}

function bothPass(
  context: MethodContext,
  ingredients: readonly Ingredient[],
  { lossOf, weighs }: LabelLossAsked,
): Pass {
  const { network, source, target, labelledTarget, scope } = context;
  if (source === undefined || target === undefined)
    throw internalError("a method of both domains was given a batch of one");
  const x = allOfTarget(target.x, labelledTarget);
  const { source: ofSource, target: ofTarget, ...both } = bothDomains(network, { source: source.x, target: x, scope });
  const classWeights = weighs ? weightsOfRows(source.y, ofSource.logits, scope) : undefined;
  let weights: RowWeights | undefined;
  const pass: Pass = {
    ...context,
    ...both,
    source: { ...source, ...ofSource },
    target: { ...target, x, ...ofTarget },
    classWeights,
    labelLoss: supervised({ source, labelledTarget, lossOf, weights: classWeights }),
    rowWeights() {
      weights ??= ingredients.flatMap((ingredient) => ingredient.rowWeights?.(pass) ?? []).reduce(product, undefined);
      return weights;
    },
  };
  return pass;
}

const product = (before: RowWeights | undefined, next: RowWeights): RowWeights =>
  before === undefined ? next : { source: mul(before.source, next.source), target: mul(before.target, next.target) };

/** The label loss alone, for a share of the steps, where a row asks for it. */
function warmUpOf(ingredients: readonly Ingredient[], passOf: (context: MethodContext) => Pass): Method["warmUp"] {
  const [first] = ingredients.flatMap(({ warmUp }) => warmUp ?? []);
  return (
    first && {
      share: first.share,
      objective(context) {
        return labelsOf(passOf(context));
      },
    }
  );
}

/** Of G_y's own logits. */
const labelsOf = ({ source, target, labelLoss }: Pass): LabelObjective =>
  labelLoss({ source: source.logits, target: target.logits });

/** The label loss, where it is learnt, and all that is added to it. */
function together(pass: Pass, ingredients: readonly Ingredient[]): Objective {
  const labels = labelsOf(pass);
  const learnt = ingredients.every(({ learnsLabels = true }) => learnsLabels);
  const parts = ingredients.flatMap((ingredient) => ingredient.objective?.(pass) ?? []);
  const terms: Record<string, Var> = { ...labels.terms };
  for (const part of parts)
    for (const [name, term] of Object.entries(part.terms)) {
      if (name in terms) throw internalError(`two methods have a term ${name}`);
      terms[name] = term;
    }
  const losses = [...(learnt ? [labels.loss] : []), ...parts.map(({ loss }) => loss)];
  return { loss: losses.reduce((sum, loss) => add(sum, loss)), terms };
}
