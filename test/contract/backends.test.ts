/** All engines that run here go through the contract. */
import { openBackend } from "../../src/runtime/node.ts";
import { referenceBackend } from "../../src/runtime/reference.ts";
import { backendContract } from "./backend.cases.ts";

backendContract("reference", async () => referenceBackend(), { floats: "float64", loads: false });
backendContract("cpu", () => openBackend("cpu"));
backendContract("wasm", () => openBackend("wasm"));
