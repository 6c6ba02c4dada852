/**
 * The verdict on a refinement. There is no source to show that the classifier still works, and what rises is what the
 * methods themselves raise: it is weaker evidence than that of an adaptation, and says so.
 */
import { diversityMargin, informationGain, informationLoss, percent, two, type Verdict } from "../verdict.ts";

/** Scores by validator, of the model that it began with and of the refined one. */
export interface RefinedScores {
  readonly start: Readonly<Record<string, number>>;
  readonly refined: Readonly<Record<string, number>>;
  /** Share of the target's rows that the two give different classes. */
  readonly changed: number;
}

/**
 * More changed answers than this are no refinement of a model that was worth one, and nothing without labels could tell
 * whether they are better: on moons a source-only model of .667 went to .133, as sure of itself as it can be.
 */
const mostChanged = 1 / 3;

export function judgeRefinement({ start, refined, changed }: RefinedScores): Verdict {
  const change = (name: string): readonly [before: number, after: number] => [start[name] ?? 0, refined[name] ?? 0];
  const [information, informationNow] = change("information-maximisation");
  const [diversity, diversityNow] = change("diversity");
  const numbers =
    `information on the target ${two(information)} -> ${two(informationNow)} (of 1), ` +
    `variety ${two(diversity)} -> ${two(diversityNow)} (of 1), ${percent(changed)} of the answers changed`;
  const say = (code: Verdict["code"], what: string, remedies: readonly string[]): Verdict => ({
    code,
    text: `${code}: ${what}: ${numbers}. Estimated without labels and without source rows, by what such methods raise themselves.`,
    remedies,
  });
  const look = "label some rows of the target, and compare the models by dann evaluate";
  const keep = "use the model that it began with, which is kept as the chosen one";
  if (diversityNow < diversity - diversityMargin)
    return say("negative-transfer", "predictions on the target have collapsed onto fewer classes", [keep]);
  if (informationNow < information - informationLoss)
    return say("negative-transfer", "predictions on the target have become less decided", [keep]);
  if (changed > mostChanged)
    return say("no-gain", "too many answers on the target have changed to be trusted without labels", [keep, look]);
  if (informationNow > information + informationGain)
    return say("helped", "predictions on the target have become more decided, and no class is lost", [look]);
  return say("no-gain", "predictions on the target are about as decided as before", [keep, look]);
}
