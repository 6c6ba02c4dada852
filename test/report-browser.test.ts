/** Reports in headless Chromium: narrow and wide, light and dark, from a file, with nothing to fetch. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runReport } from "../src/report/run-page.ts";
import { chromiumPath, launchChromium } from "./browser/chromium.ts";
import { temporaryFolder } from "./support/cli.ts";
import { hostileNames, reportedRun } from "./support/reported-run.ts";

const reason = existsSync(chromiumPath) ? undefined : `${chromiumPath} is not installed`;
const folder = temporaryFolder();
const image = Uint8Array.from(
  Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg==", "base64"),
);

describe.skipIf(reason !== undefined)(
  `in headless Chromium${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  { timeout: 120_000 },
  () => {
    let browser: Browser;
    const address = pathToFileURL(join(folder, "report.html")).href;
    beforeAll(async () => {
      const [first = "", second = ""] = hostileNames;
      const samples = [{ name: second, predicted: first, probability: 0.5, truth: second, image }];
      const classes = [...hostileNames, ...Array.from({ length: 40 }, (_, n) => `averyveryverylongclassname${n}`)];
      const made = reportedRun({ classes, rows: 100, samples });
      const config = `train:\n  seed: 0\n${"x".repeat(400)}\n`;
      const command = `dann adapt --config ${"long/".repeat(60)}config.yaml --out FOLDER`;
      writeFileSync(join(folder, "report.html"), await runReport({ ...made, config, command }));
      browser = await launchChromium();
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    for (const colorScheme of ["light", "dark"] as const)
      for (const width of [390, 1280])
        test(`${width} pixels, ${colorScheme}: no error, nothing fetched, nothing beside the page's edge`, async () => {
          const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
          const page = await context.newPage();
          const errors: string[] = [];
          const asked: string[] = [];
          page.on("console", (message) => errors.push(message.text()));
          page.on("pageerror", (error) => errors.push(error.message));
          page.on("request", (request) => asked.push(request.url()));
          await page.goto(address);
          for (const details of await page.locator("details").all())
            await details.evaluate((one) => one.setAttribute("open", ""));
          const [content, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
          expect(content).toBeLessThanOrEqual(seen ?? 0);
          const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
          expect(ground).toBe(colorScheme === "light" ? "rgb(246, 247, 249)" : "rgb(20, 23, 27)");
          expect(errors).toEqual([]);
          expect(asked.filter((url) => !url.startsWith("data:"))).toEqual([address]);
          await context.close();
        });

    test("hostile names are there as text, and made no element", async () => {
      const page = await browser.newPage();
      await page.goto(address);
      expect(await page.evaluate(() => [document.scripts.length, "bad" in globalThis])).toEqual([0, false]);
      expect(await page.locator("img").count()).toBe(1);
      expect(await page.locator("img").evaluate((one) => (one as HTMLImageElement).naturalWidth)).toBe(1);
      const heads = await page.locator("#confusion details tbody th").allTextContents();
      expect(heads).toContain(hostileNames[0]);
      expect(heads).toContain(hostileNames[3]);
      await page.close();
    });

    test("buttons choose the plane and the colours, without a script", async () => {
      const page = await browser.newPage();
      await page.goto(address);
      const shown = async (what: string): Promise<boolean[]> => visible(page, what);
      expect([await shown("figure.pca"), await shown("figure.umap")]).toEqual([
        [true, true],
        [false, false],
      ]);
      await page.check("input[value=umap]");
      expect([await shown("figure.pca"), await shown("figure.umap")]).toEqual([
        [false, false],
        [true, true],
      ]);
      const colours = (): Promise<number> =>
        page
          .locator("figure.umap path.source")
          .evaluateAll((all) => new Set(all.map((one) => getComputedStyle(one).stroke)).size);
      expect(await colours()).toBe(1);
      await page.check("input[value=class]");
      expect(await colours()).toBe(8);
      await page.close();
    });
  },
);

const visible = async (page: Page, what: string): Promise<boolean[]> =>
  Promise.all((await page.locator(what).all()).map((one) => one.isVisible()));
