/** A bundle served on the loopback interface and a headless Chromium that opens it; closed together. */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";

/** Debian's package. */
export const chromiumPath = "/usr/bin/chromium";

/** Nothing that calls home or needs a display; no sandbox, because containers run as root. */
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where `onnxruntime-web` keeps the engine that the page fetches. */
const engineFolder = dirname(fileURLToPath(import.meta.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm")));

/** The code of a module and all that it imports, resolved as a bundler for browsers does. */
export async function bundleForBrowser(entry: URL): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: "silent",
    root: dirname(fileURLToPath(entry)),
    resolve: { conditions: ["dann-source", "browser", "module", "onnxruntime-web-use-extern-wasm"] },
    build: {
      write: false,
      minify: false,
      target: "es2023",
      modulePreload: false,
      rolldownOptions: { input: fileURLToPath(entry), output: { codeSplitting: false } },
    },
  });
  if (!("output" in made)) throw new Error("expected one bundle from vite");
  return made.output.map((file) => (file.type === "chunk" ? file.code : "")).join("");
}

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath, args: flags, timeout: 60_000 });

/** Opens the bundle in a page, hands the page to `use`, and closes everything, whatever happens. */
export async function inChromium<T>(bundle: string, use: (page: Page) => Promise<T>): Promise<T> {
  const server = await serve(bundle);
  try {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      return await use(page);
    } finally {
      await browser.close();
    }
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

function serve(bundle: string): Promise<Server> {
  const pages: Readonly<Record<string, { readonly type: string; readonly body: () => Promise<string | Buffer> }>> = {
    "/": { type: "text/html", body: async () => '<!doctype html><script type="module" src="/page.js"></script>' },
    "/page.js": { type: "text/javascript", body: async () => bundle },
    "/engine/ort-wasm-simd-threaded.mjs": engine("mjs", "text/javascript"),
    "/engine/ort-wasm-simd-threaded.wasm": engine("wasm", "application/wasm"),
  };
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ""];
    if (page === undefined) {
      response.writeHead(404).end();
      return;
    }
    page.body().then(
      (body) => response.writeHead(200, { "content-type": page.type }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const engine = (extension: "mjs" | "wasm", type: string) => ({
  type,
  body: () => readFile(join(engineFolder, `ort-wasm-simd-threaded.${extension}`)),
});
