/** From a configured name to what training minimises: the label loss, and what each row of the combination adds. */
import { bothDomains } from "../dann/both-domains.ts";
import { classify } from "../dann/classify.ts";
import { labelLoss, type RowWeights } from "../dann/energy.ts";
import { squaredLoss } from "../dann/squared-loss.ts";
import { internalError, usageError } from "../errors.ts";
import { add, mul } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import type { TaskKind } from "../task.ts";
import { type ClassWeightOptions, classWeighting, weightsOfRows } from "./class-weights.ts";
import { type Combination, combination, isRefinement, isRefusal } from "./combination.ts";
import { type MethodConfig, methodConfig } from "./config.ts";
import type { Method, MethodContext, Objective, Update } from "./method.ts";
import type { Ingredient, MethodRow, Pass, PassUpdate } from "./row.ts";
import { checkTask } from "./task.ts";

/** @param task what the source's labels are; a method whose formula needs classes is refused for numbers. */
export function makeMethod(config: MethodConfig, task: TaskKind = "classification"): Method {
  const parsed = methodConfig.safeParse(config);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw usageError("method", `method.${issue?.path.join(".")}: ${issue?.message}`);
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
  Pick<MethodConfig, "labelSmoothing" | "domainSpectralNorm" | keyof ClassWeightOptions>;

const optionsFor = (row: MethodRow, options: Options): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.keys(row.options).map((key) => [key, options[key]]));

/** Mean loss of G_y's outputs with the source's labels; weights are of classes. */
type LabelLoss = (outputs: Var, y: Var, weights?: Var) => Var;

const labelLossOf = (task: TaskKind, { labelSmoothing = 0 }: Options): LabelLoss =>
  task === "regression"
    ? (outputs, y) => squaredLoss(outputs, y)
    : (logits, y, weights) => labelLoss(logits, y, { smoothing: labelSmoothing, weights });

const sourceOnly =
  (lossOf: LabelLoss) =>
  ({ network, source, scope }: MethodContext): Objective => {
    if (source === undefined) throw internalError("source-only was given no source batch");
    const loss = lossOf(classify(network, source.x, scope).logits, source.y);
    return { loss, terms: { labelLoss: loss } };
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
  const { network, source, target, scope } = context;
  if (source === undefined || target === undefined)
    throw internalError("a method of both domains was given a batch of one");
  const {
    source: ofSource,
    target: ofTarget,
    ...both
  } = bothDomains(network, { source: source.x, target: target.x, scope });
  const classWeights = weighs ? weightsOfRows(source.y, ofSource.logits, scope) : undefined;
  let weights: RowWeights | undefined;
  const pass: Pass = {
    ...context,
    ...both,
    source: { ...source, ...ofSource },
    target: { ...target, ...ofTarget },
    classWeights,
    labelLoss: (outputs) => lossOf(outputs, source.y, classWeights),
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
        const pass = passOf(context);
        const loss = pass.labelLoss(pass.source.logits);
        return { loss, terms: { labelLoss: loss } };
      },
    }
  );
}

/** The label loss, where it is learnt, and all that is added to it. */
function together(pass: Pass, ingredients: readonly Ingredient[]): Objective {
  const labels = pass.labelLoss(pass.source.logits);
  const learnt = ingredients.every(({ learnsLabels = true }) => learnsLabels);
  const parts = ingredients.flatMap((ingredient) => ingredient.objective?.(pass) ?? []);
  const terms: Record<string, Var> = { labelLoss: labels };
  for (const part of parts)
    for (const [name, term] of Object.entries(part.terms)) {
      if (name in terms) throw internalError(`two methods have a term ${name}`);
      terms[name] = term;
    }
  const losses = [...(learnt ? [labels] : []), ...parts.map(({ loss }) => loss)];
  return { loss: losses.reduce((sum, loss) => add(sum, loss)), terms };
}
