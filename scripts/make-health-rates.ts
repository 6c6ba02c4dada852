/**
 * Writes `docs/health.md`: how often each finding and verdict is raised where it should be, and warnings where none
 * should, over 20 seeds of each constructed case (about 10 minutes):
 * npx tsx --conditions=dann-source scripts/make-health-rates.ts [PAGE.md [CASE,CASE]]
 */
import { writeFileSync } from "node:fs";
import { type AdaptResult, adapt } from "dann";
import { type Case, cases } from "./health-rates/cases.ts";
import { type CaseRates, healthPage } from "./health-rates/page.ts";

/** Whether the method's model, as selected without target labels, is clearly worse on the target than source-only's. */
function harmed({ models }: AdaptResult): boolean {
  const accuracy = (found: AdaptResult["models"][number] | undefined): number => {
    const target = found?.metrics.target;
    if (target == null) throw new Error("a case without target labels, or a model that is missing");
    return target.accuracy;
  };
  const [sourceOnly] = models;
  const selected = models.find(({ selection }) => selection === "validator");
  // A training that diverged has no model, so source-only's is used.
  return selected !== undefined && accuracy(selected) <= accuracy(sourceOnly) - 0.02;
}

const seeds = Array.from({ length: 20 }, (_, seed) => seed);

async function ratesOf(one: Case): Promise<CaseRates> {
  const results: AdaptResult[] = [];
  for (const seed of seeds) {
    const run = await adapt({ ...one.options(seed), thread: "same" });
    results.push(await run.done);
  }
  const said = results.map(({ verdict, health = [] }) => ({
    codes: [verdict.code, ...health.map(({ code }) => code)],
    warnings: health.filter(({ level }) => level === "warning").map(({ code }) => code),
  }));
  const times = (codes: readonly (readonly string[])[], code: string): number =>
    codes.filter((all) => all.includes(code)).length;
  const all = said.map(({ codes }) => codes);
  const warned = [...new Set(said.flatMap(({ warnings }) => warnings))].sort();
  return {
    case: one,
    seeds: seeds.length,
    expected: one.expects.map((code) => ({ code, times: times(all, code) })),
    others: warned.filter((code) => !one.expects.includes(code)).map((code) => ({ code, times: times(all, code) })),
    verdicts: [...new Set(results.map(({ verdict }) => verdict.code))]
      .sort()
      .map((code) => ({ code, times: results.filter(({ verdict }) => verdict.code === code).length })),
    harmed: results.filter(harmed).length,
  };
}

const [page = new URL("../docs/health.md", import.meta.url), only] = process.argv.slice(2);
const rates: CaseRates[] = [];
for (const one of cases.filter(({ name }) => only === undefined || only.split(",").includes(name))) {
  rates.push(await ratesOf(one));
  process.stderr.write(`${one.name} done\n`);
}
writeFileSync(page, healthPage(rates));
