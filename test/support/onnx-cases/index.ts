/** Every case of every operator that can be imported. */
import { arithmeticCases } from "./arithmetic.ts";
import type { Case } from "./case.ts";
import { layoutCases } from "./layout.ts";
import { windowsCases } from "./windows.ts";

export const onnxCases: readonly Case[] = [...arithmeticCases, ...layoutCases, ...windowsCases];
