/** One row a method: what the command line offers, and what the contract tests run through. */
import type { z } from "zod";
import { adabn } from "./adabn.ts";
import { adda } from "./adda.ts";
import { afn } from "./afn.ts";
import { bsp } from "./bsp.ts";
import { cdan } from "./cdan.ts";
import { dan } from "./dan.ts";
import { dann } from "./dann.ts";
import { deepCoral } from "./deep-coral.ts";
import { deepJdot } from "./deep-jdot.ts";
import { dirtT } from "./dirt-t.ts";
import { entropyConditioning } from "./entropy-conditioning.ts";
import { fixmatch } from "./fixmatch.ts";
import { jan } from "./jan.ts";
import { mcc } from "./mcc.ts";
import { mcd } from "./mcd.ts";
import { mdd } from "./mdd.ts";
import type { labelOptions } from "./options.ts";
import type { MethodRow } from "./row.ts";
import { shot } from "./shot.ts";
import { sourceOnly } from "./source-only.ts";
import { vada } from "./vada.ts";
import { vat } from "./vat.ts";
import { wdgrl } from "./wdgrl.ts";

/** Bases first; terms in the order that a combination's name has them; refinements. */
const rows = [
  ...[sourceOnly, dann, cdan, mdd, mcd, wdgrl, vada, adda, adabn],
  ...[dan, jan, deepCoral, deepJdot],
  ...[entropyConditioning, mcc, bsp, vat, fixmatch, afn],
  ...[shot, dirtT],
] as const;

export const methods: readonly MethodRow[] = rows;

/** Terms that are reported and are no losses. */
export const measures: readonly string[] = [...new Set(methods.flatMap(({ measures: own = [] }) => own))];

type Intersection<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void ? I : never;
type Schemas = typeof labelOptions & Intersection<(typeof rows)[number]["options"]>;

/** Options of all methods. */
export type MethodOptions = { readonly [K in keyof Schemas]?: z.output<Schemas[K]> | undefined };
