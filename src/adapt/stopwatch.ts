/** Where the time of a run goes. One thing is done at a time, so its parts add up to the whole. */

export const activities = ["training", "evaluation", "rest"] as const;
export type Activity = (typeof activities)[number];

/** Seconds by what they went into. */
export type Spent = Readonly<Record<Activity, number>>;

export interface Stopwatch {
  /** Counts the time of `work` as that of an activity; what was being done goes on behind it. */
  during<T>(activity: Activity, work: () => Promise<T>): Promise<T>;
  /** Until now. */
  spent(): Spent;
}

/** Begins with what earlier sittings have spent, doing the rest. @param now milliseconds, monotonic. */
export function createStopwatch(before: Spent = noTime, now: () => number = () => performance.now()): Stopwatch {
  const spent: Record<Activity, number> = { ...before };
  let doing: Activity = "rest";
  let since = now();
  const lap = (): void => {
    const at = now();
    spent[doing] += (at - since) / 1000;
    since = at;
  };
  const turnTo = (activity: Activity): Activity => {
    lap();
    const left = doing;
    doing = activity;
    return left;
  };
  return {
    async during(activity, work) {
      const left = turnTo(activity);
      try {
        return await work();
      } finally {
        turnTo(left);
      }
    },
    spent() {
      lap();
      return { ...spent };
    },
  };
}

const noTime: Spent = { training: 0, evaluation: 0, rest: 0 };

const secondsOf = (spent: Spent): number => activities.reduce((sum, one) => sum + spent[one], 0);

/** The whole and its parts, as a progress and a result say them. */
export function timesOf(stopwatch: Stopwatch): { readonly seconds: number; readonly spent: Spent } {
  const spent = stopwatch.spent();
  return { seconds: secondsOf(spent), spent };
}

/** What a progress says that earlier sittings have spent; of older versions only how much. */
export const spentBefore = (
  progress: { readonly seconds: number; readonly spent?: Spent | undefined } | undefined,
): Spent | undefined => progress && (progress.spent ?? { ...noTime, rest: progress.seconds });
