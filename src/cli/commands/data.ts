/** `dann data`: fetch, look at, convert and build data sets. A sub-command a file. */
import { makeCommand } from "../command.ts";
import { buildCommand } from "./data-build.ts";
import { convertCommand } from "./data-convert.ts";
import { fetchCommand } from "./data-fetch.ts";
import { inspectCommand } from "./data-inspect.ts";

export function command(): ReturnType<typeof makeCommand> {
  const data = makeCommand("data", "fetch, inspect, convert and build data sets");
  for (const one of [inspectCommand(), fetchCommand(), convertCommand(), buildCommand()]) data.addCommand(one);
  return data;
}
