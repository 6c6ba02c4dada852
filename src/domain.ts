/**
 * The two places the data come from. They are words everywhere; the numbers 0 and 1 exist in `domainLabel` alone,
 * because peers that encode them in two places disagree with themselves (source 0, target 1: JMLR 17, section 4.2).
 */

export type Domain = "source" | "target";

export const domains = ["source", "target"] as const satisfies readonly Domain[];

/** The domain label d that the domain classifier predicts: source 0, target 1. */
export const domainLabel = (domain: Domain): 0 | 1 => (domain === "source" ? 0 : 1);
