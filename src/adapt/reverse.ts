/**
 * Reverse validation (Zhong et al. 2010; JMLR 17, section 5.1.2) of source-only and of the method: the same method, network,
 * settings, seed and steps learn in the other direction, from the target's rows labelled by the model that is judged, to
 * the source's without labels. The risk is the share of held-out source rows that the reverse model gets wrong: a
 * model that has lost the classes on the target teaches it nothing. It begins with fresh weights; the paper's begins
 * with the judged model's.
 */
import { swapDomains } from "../data/preprocess/domains.ts";
import { usageError } from "../errors.ts";
import { accuracy } from "../evaluate/metrics.ts";
import { predictions, scoresOf } from "../evaluate/probabilities.ts";
import { makeMethod } from "../methods/make.ts";
import { apartOf, stepsOf } from "../train/job.ts";
import type { State } from "../train/state.ts";
import { apartById } from "./apart-by-id.ts";
import { lastCheckpoint, type Session } from "./context.ts";
import type { SessionPlan } from "./plan.ts";
import type { Finished } from "./progress.ts";
import type { AdaptResult } from "./result.ts";
import { selectOf } from "./selecting.ts";
import type { Forward, Stage } from "./stages.ts";
import { withoutSlots } from "./tracker.ts";

/** Refuses what has no other direction. @param sources how many there are. */
export function checkReverse({ evaluate, method }: Pick<SessionPlan, "evaluate" | "method">, sources: number): void {
  if (selectOf({ evaluate }) !== "reverse") return;
  if (!makeMethod(method).readsTarget)
    throw usageError(
      "select-reverse",
      `evaluate.select (--select): reverse decides between a method and source-only, expected a method that adapts, got ${method.name}`,
      "Leave --select out, or name a method that adapts: --method dann.",
    );
  if (sources > 1 && method.sourceDomains === "apart")
    throw usageError(
      "select-reverse",
      "evaluate.select (--select): reverse makes the source the target, expected one source, got several that the domain classifier tells apart",
      "Pool them: --set method.sourceDomains=pooled, or use --select auto.",
    );
}

/** One for each model that may be chosen, after all that are trained forwards. */
export const reverseStages = (forward: readonly Stage[]): Stage[] =>
  forward.flatMap(({ id, name, job, preprocess }): Stage[] => {
    if (id !== "source-only" && id !== "method") return [];
    const swapped = swapDomains(preprocess);
    const { source, target, labels: _, sources: __, ...rest } = job;
    const config = { ...job.config, steps: stepsOf(job), epochs: undefined };
    // Source-only reads no target; what it is reversed to are the rows that the method's job has.
    const from = target ?? forward.find((one) => one.id === "method")?.job.target;
    const reads = makeMethod(job.method).readsTarget;
    return [
      {
        id: `reverse-${id}`,
        name: `reverse of ${name}`,
        job: { ...rest, config, preprocess: swapped, source: from, ...(reads && source && { target: source }) },
        tracked: false,
        preprocess: swapped,
        labelledBy: id,
      },
    ];
  });

/** A stage with the labels that it was to wait for; where they are one class there is nothing to learn, only a risk. */
export async function withLabels(
  session: Session,
  stage: Stage,
  finished: readonly Finished[],
): Promise<{ readonly stage: Stage } | { readonly risk: number }> {
  const judged = finished.find(({ id }) => id === stage.labelledBy);
  if (stage.labelledBy === undefined) return { stage };
  // Of a model that diverged there is no answer: no other is worse.
  if (judged === undefined || judged.diverged !== null || stage.job.source === undefined) return { risk: 1 };
  const { plan } = session;
  const predictor = session.predictor(plan, apartById(judged.id, plan));
  try {
    const state = withoutSlots(lastCheckpoint(session, judged).state);
    const { logits } = await predictor.predict(state, stage.job.source, "target", { features: false });
    const labels = answers(logits, plan);
    const [first = 0] = labels;
    if (labels.every((label) => label === first)) {
      const { labels: truth } = plan.sourceScored;
      return { risk: 1 - accuracy(truth, new Int32Array(truth.length).fill(first)) };
    }
    return { stage: { ...stage, job: { ...stage.job, labels } } };
  } finally {
    await predictor.dispose();
  }
}

/** The source is the reverse model's target, and is read by the statistics of it. */
export async function reverseRisk(session: Session, stage: Stage, state: State): Promise<number> {
  const { plan } = session;
  const predictor = session.predictor(stage, apartOf(stage.job));
  try {
    const { rows, labels } = plan.sourceScored;
    const { logits } = await predictor.predict(state, rows, "target", { features: false });
    return 1 - accuracy(labels, answers(logits, plan));
  } finally {
    await predictor.dispose();
  }
}

const answers = (logits: Float32Array, { classes }: Pick<SessionPlan, "classes">): Int32Array =>
  predictions(scoresOf(logits, classes.length));

/** What the result says of it; undefined where it was not asked for. */
export function reverseOf(
  { plan }: Pick<Session, "plan">,
  finished: readonly Finished[],
): AdaptResult["reverseValidation"] {
  const risk = (of: Forward): number | undefined => finished.find(({ id }) => id === `reverse-${of}`)?.reverseRisk;
  const [sourceOnly, method] = [risk("source-only"), risk("method")];
  if (sourceOnly === undefined || method === undefined) return undefined;
  return { rows: plan.sourceScored.labels.length, risks: { sourceOnly, method } };
}
