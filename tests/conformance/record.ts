// Writes down what the public Python client and a gateway say to each other: bun tests/conformance/record.ts
import { join } from "node:path";
import { requires } from "../../scripts/testing/requires.ts";
import { startServingChain } from "../lib/serving-chain.ts";
import { ECHOES } from "./models.ts";
import { startRecorder } from "./recorder.ts";
import { runTritonClient } from "./triton.ts";

const { path: python, reason } = requires("tritonclient");
if (!python) throw new Error(reason);
await using chain = await startServingChain(ECHOES.slice(0, 1));
const recorder = startRecorder(chain.url);
await runTritonClient(python, recorder.address, chain.key, ["batch"]);
await recorder.stop();
const lines = recorder.exchanges.map((exchange) => JSON.stringify(exchange));
await Bun.write(join(import.meta.dir, "triton-exchanges.json"), `[\n${lines.join(",\n")}\n]\n`);
