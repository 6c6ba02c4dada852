/** One row a network: what `--network` offers. */
import { usageError } from "../../errors.ts";
import { auto } from "./auto.ts";
import { compact } from "./compact.ts";
import { gtsrb } from "./gtsrb.ts";
import { mnist } from "./mnist.ts";
import {
  type BuiltNetwork,
  type NetworkOptions,
  type NetworkRequest,
  type NetworkRow,
  networkOptions,
  refuseUnused,
  settle,
} from "./options.ts";
import { mlp, shallow } from "./rows.ts";
import { signal } from "./signal.ts";
import { svhn } from "./svhn.ts";

export { type BuiltNetwork, type NetworkOptions, type NetworkRequest, type NetworkRow, networkOptions };

export const networks: readonly NetworkRow[] = [auto, mlp, shallow, mnist, svhn, gtsrb, compact, signal];

export const networkNames: readonly string[] = networks.map(({ name }) => name);

/** A network by name for data of a given shape. Options that it has no use for are refused. */
export function makeNetwork(name: string, request: NetworkRequest, options: NetworkOptions = {}): BuiltNetwork {
  const row = networks.find((candidate) => candidate.name === name);
  if (row === undefined)
    throw usageError("unknown-network", `network: expected one of ${networkNames.join(", ")}, got ${name}`);
  const parsed = networkOptions.safeParse(options);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = [`network ${name}`, issue?.path.join(".")].filter(Boolean).join(": ");
    throw usageError("network-options", `${place}: ${issue?.message}`);
  }
  refuseUnused(row, options);
  return { why: "asked for", ...row.build(request, settle(options, request)) };
}
