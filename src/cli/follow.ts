/** Shows a run's events on stderr while it trains. */
import type { AdaptEvent, HealthEvent, PlanEvent } from "../adapt/events.ts";
import type { AdaptRun } from "../adapt/launch.ts";
import type { Output } from "./output.ts";

export async function follow(run: AdaptRun, output: Output): Promise<void> {
  let trainings: PlanEvent["trainings"] = [];
  let steps = 0;
  const { progress } = output;
  const show = (event: AdaptEvent): void => {
    switch (event.type) {
      case "plan":
        trainings = event.trainings;
        for (const warning of event.warnings) output.note(`warning: ${warning}`);
        output.note(`network ${event.network.name}: ${event.network.why}`);
        break;
      case "features":
        progress.update({ label: "features", done: event.done, total: event.total });
        break;
      case "start":
        steps = event.steps;
        progress.update({ label: event.model, done: event.fromStep, total: event.steps });
        break;
      case "step":
        progress.update({
          label: event.model,
          done: event.step,
          total: steps,
          rate: event.stepsPerSecond,
          remaining: stepsToGo(trainings, event.model, steps - event.step) / event.stepsPerSecond,
          // AdaBN trains nothing, so its losses mean nothing.
          note:
            event.model === "adabn"
              ? ""
              : Object.entries(event.terms)
                  .map(([name, value]) => `${name} ${value.toFixed(3)}`)
                  .join(" "),
        });
        break;
      case "health":
        for (const line of healthLines(event)) output.note(line);
        break;
      case "epoch":
      case "class-weights":
      case "checkpoint":
      case "done":
      case "result":
        break;
      case "diverged":
        output.note(`warning: ${event.model}: ${event.reason}`);
        break;
      default:
        event satisfies never;
    }
  };
  try {
    for await (const event of run.events()) show(event);
  } finally {
    progress.clear();
  }
}

/** A line a finding; what to try stands under the result. */
function healthLines({ model, epoch, findings }: HealthEvent): string[] {
  const at = `${model}, epoch ${epoch}`;
  if (findings.length === 0) return [`${at}: nothing found`];
  return findings.map(({ code, text }) => `${at}: ${code}: ${text}`);
}

/** Steps of all trainings that are still to come: the remaining time is that of the run, not of the bar. */
function stepsToGo(trainings: PlanEvent["trainings"], model: string, here: number): number {
  const at = trainings.findIndex(({ name }) => name === model);
  return trainings.slice(at + 1).reduce((sum, { steps }) => sum + steps, here);
}
