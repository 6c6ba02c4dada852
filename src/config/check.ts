/** Checks a configuration against its schema; what is wrong is said in one line, with a guess for a mistyped key. */
import * as z from "zod";
import { closest, knownInstead, list } from "../data/names.ts";
import { type DannError, usageError } from "../errors.ts";
import { isPlain, valueAt } from "./merge.ts";

type Issue = z.core.$ZodIssue;

export type Origin = string | ((path: readonly string[]) => string);

/**
 * The value that the schema makes of `given`, or a usage error about the first thing that is wrong.
 * @param origin what was read, for the message: a file's name, or `configuration`; or where a key was read.
 * @param flagFor the flag that sets a key, where there is one.
 */
export function checkConfig<S extends z.ZodType>(
  schema: S,
  given: unknown,
  origin: Origin,
  flagFor: (key: string) => string | undefined = () => undefined,
): z.output<S> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const issue = worst(result.error.issues);
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const path = [...(issue?.path ?? []).map(String), ...unknown];
  throw describeIssue(issue, schema, given, typeof origin === "string" ? origin : origin(path), flagFor);
}

/** A mistyped key explains other complaints (the key that is then missing), so it is told first. */
const worst = (issues: readonly Issue[]): Issue | undefined =>
  issues.find((issue) => issue.code === "unrecognized_keys") ?? issues[0];

function describeIssue(
  issue: Issue | undefined,
  schema: z.ZodType,
  given: unknown,
  origin: string,
  flagFor: (key: string) => string | undefined,
): DannError {
  if (issue === undefined) return usageError("config", `${origin}: not valid`);
  const path = issue.path.map(String);
  const key = path.join(".");
  if (issue.code === "unrecognized_keys") {
    const [unknown = ""] = issue.keys;
    const known = keysAt(schema, path, valueAt(given, path));
    const full = (name: string): string => [...path, name].join(".");
    return usageError("unknown-key", `${origin}: unknown key ${full(unknown)}`, knownInstead(unknown, known, full));
  }
  const got = valueAt(given, path);
  const expected = expectation(issue);
  const flag = flagFor(key);
  const name = flag === undefined ? key : `${key} (${flag})`;
  const where = key === "" ? origin : `${origin}: ${name}`;
  if (got === undefined && ["invalid_type", "invalid_union"].includes(issue.code)) {
    return usageError(
      "config-missing",
      `${where}: ${expected === undefined ? issue.message : `expected ${expected}`}, got nothing`,
      flag === undefined ? `Set ${key}.` : `Give ${flag}.`,
    );
  }
  const guess =
    issue.code === "invalid_value" && typeof got === "string" ? closest(got, issue.values.map(String)) : undefined;
  const said = expected === undefined ? issue.message : `expected ${expected}, got ${show(got)}`;
  return usageError(
    "config-value",
    `${where}: ${said}`,
    guess === undefined ? remedyOf(issue) : `Did you mean ${guess}?`,
  );
}

/** A check of our own may bring its remedy, or a word that was not known with those that are. */
function remedyOf(issue: Issue): string | undefined {
  if (issue.code !== "custom") return undefined;
  const { remedy, unknown, values } = issue.params ?? {};
  const guess = typeof unknown === "string" && Array.isArray(values) ? closest(unknown, values.map(String)) : undefined;
  if (guess !== undefined) return `Did you mean ${guess}?`;
  return typeof remedy === "string" ? remedy : undefined;
}

/** What was expected, in words; undefined where the issue's own message says it better. */
function expectation(issue: Issue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return (
        {
          int: "a whole number",
          object: "a group of keys",
          array: "a list",
          boolean: "true or false",
          string: "a text",
        }[issue.expected as string] ?? `a ${issue.expected}`
      );
    case "invalid_value":
      return issue.values.length === 1
        ? `"${String(issue.values[0])}"`
        : `one of ${list(issue.values.map(String), 12)}`;
    case "too_small":
      return `${issue.origin === "string" ? "a text that is not empty" : `a number ${issue.inclusive === true ? "of at least" : "above"} ${issue.minimum}`}`;
    case "too_big":
      return `a number ${issue.inclusive === true ? "of at most" : "below"} ${issue.maximum}`;
    case "invalid_union": {
      const options = (issue as { options?: readonly unknown[] }).options;
      return options === undefined ? undefined : `one of ${list(options.map(String), 12)}`;
    }
    default:
      return undefined;
  }
}

const show = (value: unknown): string =>
  value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value)).slice(0, 60);

/** Keys that an object at a path may have; where it is one of several kinds, those of the kind that its `name` says. */
export function keysAt(schema: z.ZodType, path: readonly string[], given?: unknown): string[] {
  const kinds = nodesAt(schema, path);
  const name = valueAt(given, ["name"]);
  const named = kinds.filter((node) => valueAt(node, ["properties", "name", "const"]) === name);
  const fitting = name !== undefined && named.length > 0 ? named : kinds;
  return [
    ...new Set(fitting.flatMap((node) => Object.keys((valueAt(node, ["properties"]) as object | undefined) ?? {}))),
  ];
}

/** Whether a key takes numbers, and of those whole ones alone. */
export function isWhole(schema: z.ZodType, path: readonly string[]): boolean {
  const types = nodesAt(schema, path).map((node) => valueAt(node, ["type"]));
  return types.includes("integer") && !types.includes("number");
}

const described = new WeakMap<z.ZodType, unknown>();

/** A schema of what may be given as JSON Schema; worked out once, since a command asks for every flag's key. */
export function jsonSchemaOf(schema: z.ZodType): unknown {
  const known = described.get(schema) ?? z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  described.set(schema, known);
  return known;
}

/** What JSON Schema says of a path, each alternative by itself. */
function nodesAt(schema: z.ZodType, path: readonly string[]): unknown[] {
  let nodes: readonly unknown[] = [jsonSchemaOf(schema)];
  for (const key of path)
    nodes = nodes
      .flatMap(unfold)
      .map((node) => valueAt(node, ["properties", key]) ?? valueAt(node, ["additionalProperties"]))
      .filter(isPlain);
  return nodes.flatMap(unfold);
}

/** A schema node, or the alternatives that it stands for. */
function unfold(node: unknown): unknown[] {
  const alternatives = valueAt(node, ["oneOf"]) ?? valueAt(node, ["anyOf"]);
  return Array.isArray(alternatives) ? alternatives.flatMap(unfold) : [node];
}
