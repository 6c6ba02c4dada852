#!/usr/bin/env node
/** The command line. Only the command that was asked for is loaded. */
import type { Command } from "@commander-js/extra-typings";
import { DannError, exitCodes } from "../errors.ts";
import { packageVersion } from "../version.ts";
import { describeError, makeCommand, translated } from "./command.ts";

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<{ command: () => Command }>;
}

/** One line a command. */
const commands: Readonly<Record<string, Entry>> = {
  adapt: { summary: "train a classifier for the target, and judge it", load: () => import("./commands/adapt.ts") },
  predict: { summary: "label new data with a run or a model", load: () => import("./commands/predict.ts") },
  evaluate: { summary: "score a run or a model on labelled data", load: () => import("./commands/evaluate.ts") },
  export: { summary: "a model of a run as ONNX, verified", load: () => import("./commands/export.ts") },
  inspect: { summary: "what is in an ONNX file; can it be trained?", load: () => import("./commands/inspect.ts") },
  sweep: { summary: "many settings, compared without target labels", load: () => import("./commands/sweep.ts") },
  report: { summary: "the page of a finished run, made again", load: () => import("./commands/report.ts") },
  probe: { summary: "how far apart are two data sets, and what to do?", load: () => import("./commands/probe.ts") },
  compare: { summary: "runs side by side, paired over seeds", load: () => import("./commands/compare.ts") },
  benchmark: { summary: "a paper's table, many seeds", load: () => import("./commands/benchmark.ts") },
  data: { summary: "fetch, inspect, convert and build data sets", load: () => import("./commands/data.ts") },
  demo: { summary: "a real adaptation in under a minute", load: () => import("./commands/demo.ts") },
  doctor: { summary: "engine, versions, what would make it faster", load: () => import("./commands/doctor.ts") },
};

async function program(name: string | undefined): Promise<Command> {
  const root = makeCommand(
    "dann",
    "Domain-adversarial training: labelled data from one place, a classifier for another.",
  )
    .version(packageVersion, "-V, --version", "print the version")
    .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 bad data, 4 no engine, 130 interrupted.");
  for (const [key, entry] of Object.entries(commands)) {
    root.addCommand(key === name ? (await entry.load()).command() : makeCommand(key, entry.summary));
  }
  return root;
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const root = await program(args.find((arg) => !arg.startsWith("-")));
    if (args.length === 0) {
      process.stdout.write(root.helpInformation());
      return 0;
    }
    await root.parseAsync(args as string[], { from: "user" });
    return 0;
  } catch (error) {
    const reason = translated(error);
    if (reason === undefined) return 0;
    process.stderr.write(`${describeError(reason, args.includes("--debug"))}\n`);
    return reason instanceof DannError ? exitCodes[reason.kind] : exitCodes.run;
  }
}

// A reader that goes away (`| head`) is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

// Set, not called: what was written to a pipe must reach it.
process.exitCode = await main(process.argv.slice(2));
