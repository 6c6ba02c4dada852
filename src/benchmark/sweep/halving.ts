/**
 * Successive halving (Jamieson and Talwalkar, AISTATS 2016): all settings with a small budget, the best 1/eta of them with
 * eta times as much, and so on to the whole budget. A budget is a number of training steps or epochs. Every rung trains
 * anew: lambda and the learning rate go over progress, so a run of 1,000 steps does not begin as one of 3,000 does.
 */

export interface Rung {
  /** Settings that it trains. */
  readonly settings: number;
  /** Steps or epochs of each. */
  readonly budget: number;
}

/**
 * Rungs from the smallest budget to the whole one. A budget that cannot be divided so often has fewer of them.
 * @param settings at least `eta`.
 * @param eta a whole number from 2.
 * @param full the whole budget.
 */
export function rungsOf(settings: number, eta: number, full: number): Rung[] {
  let count = 1;
  for (let left = settings, budget = full; left >= eta && budget >= eta; count++) {
    left = Math.floor(left / eta);
    budget /= eta;
  }
  return Array.from({ length: count }, (_, rung) => ({
    settings: Math.floor(settings / eta ** rung),
    budget: Math.round(full / eta ** (count - 1 - rung)),
  }));
}
