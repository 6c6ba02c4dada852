/** `dann data fetch`: public data sets into the cache, their licences first. */
import { createInterface } from "node:readline/promises";
import { type FetchedSet, type FetchOptions, fetchSet, presentFiles } from "../../data/fetch/fetch.ts";
import { dataFolder, dataSet, dataSets } from "../../data/fetch/registry.ts";
import { type DataSet, layoutOf, transferOf } from "../../data/fetch/set.ts";
import { DannError, usageError } from "../../errors.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import type { FetchDocument, FetchListDocument } from "../fetch-documents.ts";
import { catchInterrupt } from "../interrupt.ts";
import { createOutput, type Output } from "../output.ts";
import { formatBytes } from "../render/progress.ts";
import { renderTable } from "../render/table.ts";

type Made = ReturnType<typeof makeCommand>;

export function fetchCommand(): Made {
  const fetch = makeCommand("fetch", "download public data sets, checked, into the cache")
    .argument("[names...]", "data sets; --list says which there are")
    .option("--list", "which there are, their licences, and what is here")
    .option("--accept-licence", "accept the terms of sets that are not open to all, without being asked")
    .option("--from <folder>", "take the files from this folder, or from its folder of the set's name")
    .option("--mirror <url>", "download from URL/HOST/PATH in place of every home")
    .option("--cache <folder>", "the cache: sets go to FOLDER/data/NAME; default: the platform's place")
    .option("--to <folder>", "sets go to FOLDER/NAME, outside of the cache")
    .option("--timeout <seconds>", "give up after so long without a byte", "30")
    .option("--retries <n>", "further attempts after server errors and broken connections", "3")
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .action(async (names: unknown, given: unknown) => runFetch(names as string[], given as Given));
  return fetch as unknown as Made;
}

interface Given {
  readonly list?: boolean;
  readonly acceptLicence?: boolean;
  readonly from?: string;
  readonly mirror?: string;
  readonly cache?: string;
  readonly to?: string;
  readonly timeout: string;
  readonly retries: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

async function runFetch(names: readonly string[], given: Given): Promise<void> {
  const output = createOutput(given);
  const folder = folderOf(given);
  // One after the other, and each once.
  const sets = [...new Set(names)].map(dataSet);
  if (given.list === true) return showList(sets.length === 0 ? dataSets : sets, folder, output);
  if (sets.length === 0)
    throw usageError("missing-argument", "data fetch: expected the name of a data set, got none", "See --list.");
  const options = optionsOf(given, folder);
  const interrupt = catchInterrupt((text) => output.note(text), "stopping");
  try {
    const fetched: FetchDocument["sets"] = [];
    for (const set of sets) {
      const done = await fetchOne(set, { ...options, signal: interrupt.signal }, given, output);
      fetched.push({ ...done, licence: set.licence.text, files: [...done.files], absent: [...done.absent] });
    }
    output.document({ schema: 1, sets: fetched } satisfies FetchDocument);
  } finally {
    output.progress.clear();
    interrupt.release();
  }
}

function folderOf({ cache, to }: Given): string {
  if (cache !== undefined && to !== undefined)
    throw usageError("flag-value", "expected one of --cache and --to, got both");
  return to ?? dataFolder(cache);
}

function optionsOf(given: Given, folder: string): FetchOptions {
  const { from, mirror } = given;
  if (from !== undefined && mirror !== undefined)
    throw usageError("flag-value", "expected one of --from and --mirror, got both");
  if (mirror !== undefined && !/^https?:\/\/[^/]/.test(mirror))
    throw usageError("flag-value", `--mirror: expected http://… or https://…, got "${mirror}"`);
  const timeout = Number(given.timeout);
  if (!(timeout > 0 && timeout <= 86_400))
    throw usageError("flag-value", `--timeout: expected seconds above 0, a day at most, got "${given.timeout}"`);
  const retries = Number(given.retries);
  if (!Number.isInteger(retries) || retries < 0 || given.retries.trim() === "")
    throw usageError("flag-value", `--retries: expected a whole number of at least 0, got "${given.retries}"`);
  return { folder, from, mirror, timeout, retries };
}

async function fetchOne(set: DataSet, options: FetchOptions, given: Given, output: Output): Promise<FetchedSet> {
  output.note(`${set.name}: ${set.what}\n  licence: ${set.licence.text}`);
  let first: { readonly done: number; readonly time: number } | undefined;
  const done = await fetchSet(set, {
    ...options,
    accept: () => acceptLicence(set, given, options.signal),
    onProgress(progress) {
      if (progress.kind === "make") return output.progress.busy(`making ${progress.files.join(", ")}`);
      const now = performance.now();
      first ??= { done: progress.done, time: now };
      const rate = (1000 * (progress.done - first.done)) / Math.max(1, now - first.time);
      output.progress.update({ ...progress, label: set.name, unit: "bytes", rate, note: progress.file });
    },
  });
  output.progress.clear();
  output.result(`${summaryOf(done)}\n`);
  if (set.byHand !== undefined && done.absent.length > 0)
    output.note(`  ${done.absent.length} files are left out: ${set.byHand.why}; --from takes them from a folder`);
  return done;
}

/** `mnist: 4 files in FOLDER (1 present, 3 downloaded)`. */
function summaryOf({ name, folder, files }: FetchedSet): string {
  const states = (["present", "downloaded", "copied", "made"] as const)
    .map((state) => [files.filter((file) => file.state === state).length, state] as const)
    .filter(([n]) => n > 0)
    .map(([n, state]) => `${n} ${state}`);
  return `${name}: ${files.length} files in ${folder} (${states.join(", ")})`;
}

/** Open licences ask for attribution alone; others are accepted by a person, before anything is downloaded. */
async function acceptLicence({ name, licence }: DataSet, given: Given, signal?: AbortSignal): Promise<void> {
  if (licence.terms === "open" || given.acceptLicence === true) return;
  const terms = licence.terms === "research" ? "for research only" : "under no stated licence";
  if (process.stdin.isTTY && process.stderr.isTTY) {
    const answer = await ask(`${name} is ${terms}: ${licence.text}\nDownload it on these terms? [y/N] `, signal);
    if (/^y(es)?$/i.test(answer.trim())) return;
    throw usageError("licence", `${name}: expected the licence to be accepted, got "${answer.trim()}"`);
  }
  throw usageError(
    "licence",
    `${name} is ${terms} (${licence.text}): expected the terms to be accepted, got no answer`,
    "Pass --accept-licence.",
  );
}

async function ask(question: string, signal?: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const stop = new AbortController();
  // On a terminal Ctrl-C comes as a key.
  terminal.once("SIGINT", () => stop.abort());
  try {
    return await terminal.question(question, {
      signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    });
  } catch {
    throw new DannError("interrupted", "interrupted", "interrupted; nothing was downloaded");
  } finally {
    terminal.close();
  }
}

async function showList(sets: readonly DataSet[], folder: string, output: Output): Promise<void> {
  const listed = await Promise.all(sets.map((set) => listedSet(set, folder)));
  output.document({ schema: 1, folder, sets: listed } satisfies FetchListDocument);
  output.result(
    renderTable(
      [
        { title: "data set" },
        { title: "here", align: "right" },
        { title: "download", align: "right" },
        { title: "licence" },
        { title: "addresses" },
      ],
      listed.map(({ name, present, files, download, licence, tried }) => [
        name,
        `${present}/${files.length}`,
        formatBytes(download),
        licence.terms === "open" ? licence.name : `${licence.name} (asks)`,
        tried ?? "not tried",
      ]),
      { paint: output.paint },
    ),
  );
  output.note(`here: files in ${folder}`);
}

async function listedSet(set: DataSet, folder: string): Promise<FetchListDocument["sets"][number]> {
  const { name, what, home, licence, remote, byHand, tried } = set;
  return {
    name,
    what,
    home,
    licence,
    present: (await presentFiles(set, folder)).length,
    download: remote.reduce((sum, file) => sum + transferOf(file), 0),
    tried: tried ?? null,
    files: layoutOf(set).map(({ path, bytes, sha256 }) => ({ path, bytes: bytes ?? null, sha256: sha256 ?? null })),
    addresses: remote.flatMap(({ addresses }) => addresses),
    byHand: byHand === undefined ? null : { why: byHand.why, files: byHand.files.map(({ path }) => path) },
  };
}
