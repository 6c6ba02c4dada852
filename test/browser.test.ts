/**
 * The package in a browser: one module trains moons and a batch of digits in headless Chromium, through the `browser`
 * condition, and in Node on the same engine. The numbers are the same.
 */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bundleForBrowser, chromiumPath, inChromium } from "./browser/chromium.ts";
import { type Encoder, type Numbers, trainBoth } from "./browser/tasks.ts";
import { wordPiece } from "./support/tokenizer.ts";

const encoder: Encoder = {
  model: new Uint8Array(readFileSync(new URL("../demo/encoder/encoder.onnx", import.meta.url))),
  tokenizer: wordPiece(),
};

const reason = existsSync(chromiumPath) ? undefined : `${chromiumPath} is not installed`;

/** Training takes a second or two; starting a browser on a busy machine takes longer. */
const limit = 120_000;

describe.skipIf(reason !== undefined)(
  `in headless Chromium${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    it("trains to the numbers of Node's wasm", { timeout: 2 * limit }, async () => {
      const bundle = await bundleForBrowser(new URL("./browser/page.ts", import.meta.url));
      expect(bundle, "Node's modules must not be imported").not.toMatch(/from\s*["'](node:|__vite-browser-external)/);
      const [there, here] = [await inChromium(bundle, train), await trainBoth(encoder)];
      expect(there.moons.models).toEqual(here.moons.models);
      expect([there.moons.device, there.digits.device, here.digits.device]).toEqual(["wasm", "wasm", "wasm"]);
      expect(here.moons.losses.length).toBeGreaterThanOrEqual(60);
      expect(here.digits.losses).toHaveLength(12);
      expect(there.moons.losses).toEqual(here.moons.losses);
      expect(there.moons.probabilities).toEqual(here.moons.probabilities);
      expect(there.digits.losses).toEqual(here.digits.losses);
      expect(there.digits.logits).toEqual(here.digits.logits);
      expect(there.texts).toEqual(here.texts);
      expect(new Set(here.texts).size).toBeGreaterThan(30);
      expect(there.encoded).toEqual(here.encoded);
      expect(new Set(here.encoded).size).toBeGreaterThan(20);
      // Equal because it learned the same, not because nothing moved.
      expect(new Set(here.moons.losses).size).toBeGreaterThan(30);
      expect(new Set(here.digits.logits).size).toBeGreaterThan(30);
    });
  },
);

async function train(page: Parameters<Parameters<typeof inChromium>[1]>[0]): Promise<Numbers> {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page
    .waitForFunction(() => "trainInPage" in globalThis, undefined, { timeout: limit })
    .catch((cause: unknown) => {
      throw new Error(`the page did not load: ${errors.join("; ") || String(cause)}`);
    });
  const encoded = [encoder.model, encoder.tokenizer].map((bytes) => Buffer.from(bytes).toString("base64"));
  return page.evaluate(
    (texts) =>
      (globalThis as unknown as { trainInPage(texts: readonly string[]): Promise<Numbers> }).trainInPage(texts),
    encoded,
  );
}
