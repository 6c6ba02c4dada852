/** What of a session is trained: all of it, or what lies behind a frozen backbone. */
import type { Backend } from "../runtime/backend.ts";
import type { SessionHooks } from "./context.ts";
import { cacheOf } from "./feature-cache.ts";
import { extractFeatures, sourceMoments } from "./features.ts";
import type { DescribedNetwork } from "./network.ts";
import type { SessionPlan } from "./plan.ts";
import type { RefinePlan } from "./refine/plan.ts";

export interface Trainable<P> {
  readonly plan: P;
  readonly described: DescribedNetwork;
}

/** The plan and its network, or what of them lies behind a frozen backbone whose features are kept. */
export async function trainable<P extends SessionPlan | RefinePlan>(
  plan: P,
  described: DescribedNetwork,
  backend: Backend,
  { event, signal }: Pick<SessionHooks, "event" | "signal">,
): Promise<Trainable<P>> {
  const { frozen } = described;
  if (frozen === undefined) return { plan, described };
  const request = { plan, frozen, backend, signal, event, cache: await cacheOf(plan) };
  // Images that change at every step have no features that could be kept: the backbone runs within the step.
  if (plan.train.augment !== undefined)
    return { plan, described: { ...described, network: frozen.whole(await sourceMoments(request)) } };
  const features = await extractFeatures(request);
  return { plan: features.plan, described: { ...described, network: frozen.network(features.moments) } };
}
