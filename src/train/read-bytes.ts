/** The one place where a model's path becomes bytes, in Node and in browsers. */
import { dataError } from "../errors.ts";

/** Reads a file by its path (Node), or whatever `fetch` takes for a URL. */
export async function readBytes(place: string | URL): Promise<Uint8Array> {
  const name = String(place);
  try {
    return isFile(name) ? await readFile(place) : await download(name);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw dataError("model-unreadable", `${name}: cannot be read: ${why}`, "Check the path or address of the model.", {
      cause,
    });
  }
}

const inNode: boolean = typeof process !== "undefined" && process.versions?.node !== undefined;

const isFile = (name: string): boolean => inNode && !/^(https?|data|blob):/.test(name);

async function readFile(place: string | URL): Promise<Uint8Array> {
  // Held in a variable so that bundlers for browsers leave it alone.
  const module: string = "node:fs/promises";
  const files = (await import(/* @vite-ignore */ module)) as typeof import("node:fs/promises");
  return new Uint8Array(await files.readFile(String(place).startsWith("file:") ? new URL(String(place)) : place));
}

async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
