/** `dann demo`: a real adaptation with data that come with the package; no network. */

import { fileURLToPath } from "node:url";
import { launch } from "../../adapt/launch.ts";
import { planRun } from "../../adapt/plan-run.ts";
import { printConfig } from "../../config/file.ts";
import { resolveRun } from "../../config/resolve.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import { demoConfig, demoStory } from "../demo.ts";
import { adaptFlags, layerOf } from "../flags.ts";
import { follow } from "../follow.ts";
import { catchInterrupt } from "../interrupt.ts";
import { createOutput } from "../output.ts";
import { renderResult } from "../render/result.ts";
import { savedConfig } from "../run-adapt.ts";

interface DemoOptions {
  readonly out?: string;
  readonly seed: string;
  readonly threads: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function command(): ReturnType<typeof makeCommand> {
  return makeCommand(
    "demo",
    "a real adaptation in under a minute: trains both models, prints the table and the verdict",
  )
    .option("--out <folder>", "keep the run in a folder; default: nothing is written")
    .option("--seed <n>", "seed of the run", "0")
    .option("--threads <n>", "threads inside one operator", "2")
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .action(async (given: unknown) => run(given as DemoOptions)) as unknown as ReturnType<typeof makeCommand>;
}

/** The folder lies beside `src` and `dist` alike. */
const folder = fileURLToPath(new URL("../../../demo", import.meta.url));

async function run(given: DemoOptions): Promise<void> {
  const output = createOutput(given);
  const config = resolveRun([
    { origin: "demo", config: await demoConfig(folder) },
    { origin: "command line", config: layerOf(adaptFlags, { seed: given.seed, threads: given.threads }) },
  ]);
  const { plan } = await planRun(config);
  output.result(`${demoStory}\n\n`);
  const interrupt = catchInterrupt(output.note);
  try {
    const place = given.out;
    const kept =
      place === undefined
        ? undefined
        : { path: place, config: printConfig(await savedConfig(config, place)), resume: false };
    const training = await launch(plan, { signal: interrupt.signal, folder: kept });
    await follow(training, output);
    const result = await training.done;
    output.document(result);
    output.result(renderResult(result, output.paint));
  } finally {
    interrupt.release();
  }
}
