/** The entry of the page: says where the engine's files are and hands the training to the test that drives the page. */
import { setWasmPaths } from "dann";
import { trainBoth } from "./tasks.ts";

Object.assign(globalThis, {
  trainInPage: async () => {
    await setWasmPaths(new URL("/engine/", location.href).href);
    return trainBoth();
  },
});
