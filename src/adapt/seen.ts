/** A model of a session as its health, its verdict and the drawing of its features see it: on the sampled rows. */
import { domainDistance } from "../evaluate/domain-distance.ts";
import { leadingDirections } from "../evaluate/leading.ts";
import { makeMethod } from "../methods/make.ts";
import type { State } from "../train/state.ts";
import { apartById } from "./apart-by-id.ts";
import type { Session } from "./context.ts";
import type { Seen } from "./health.ts";
import { sampleFor } from "./input-distance.ts";
import { matrixOf } from "./scoring.ts";

/** @param by what trained it: only a method has a domain classifier to ask. */
export async function seenBy(
  session: Session,
  state: State,
  by: "source-only" | "labelled-target" | "method",
): Promise<Seen> {
  const asked = by === "method" && makeMethod(session.plan.method).tellsDomains ? "classes-and-domain" : "classes";
  const predictor = session.predictor(session.plan, apartById(by, session.plan), asked);
  try {
    const source = await predictor.predict(state, session.samples.training.rows, "source");
    const heldOut = await predictor.predict(state, session.samples.source.rows, "source");
    const target = await predictor.predict(state, session.samples.target, "target");
    const both = { source: matrixOf(source), target: matrixOf(target) };
    const { project, ...leading } = leadingDirections(both, session.plan.train.seed);
    return { source, heldOut, target, leading: { ...leading, heldOut: project(matrixOf(heldOut)) } };
  } finally {
    await predictor.dispose();
  }
}

/** Proxy A-distance of the domains in a model's features. */
export const distanceOf = ({ leading, source: { featureWidth } }: Seen, seed: number): number =>
  domainDistance(leading.source, leading.target, { seed, sample: sampleFor(featureWidth) });
