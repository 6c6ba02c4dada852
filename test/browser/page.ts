/** The entry of the page: says where the engine's files are and hands the training to the test that drives the page. */
import { setWasmPaths } from "dann";
import { trainBoth } from "./tasks.ts";

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

Object.assign(globalThis, {
  trainInPage: async ([model = "", tokenizer = ""]: readonly string[]) => {
    await setWasmPaths(new URL("/engine/", location.href).href);
    return trainBoth({ model: bytesOf(model), tokenizer: bytesOf(tokenizer) });
  },
});
