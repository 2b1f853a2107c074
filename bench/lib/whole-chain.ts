import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { smallNetwork } from "../../apps/onnx-server/src/testing/models.ts";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { ended, logIn, must, type Person, push, run, signUp, waitFor } from "../../tests/lib/person.ts";
import type { Running } from "./gateway-alone.ts";

/** `name`: of its endpoint. `script`: what a participant would write; `onnx`: the file's bytes. */
export type ChainModel = { name: string } & ({ script: string } | { onnx: Uint8Array });

/** A model where all of the chain runs. */
export interface Served {
  url: string;
  key: string;
}

/** A small linear model in plain Python, as a participant would write it. */
const SMALL: ChainModel = {
  name: "bench-model",
  script: `
import json, podium

def save(path):
    with open(path + "/weights.json", "w") as file:
        json.dump({"year": 0.001, "votes": 0.00001, "runtime": 0.01}, file)

def load(path):
    global weights
    with open(path + "/weights.json") as file:
        weights = json.load(file)

def infer(rows):
    return [sum(weight * row[name] for name, weight in weights.items()) for row in rows]

podium.bind(save=save, load=load, infer=infer)
podium.paused()
podium.save("model")
`,
};

/** A small network (16 → 32 → 1) as an ONNX file. */
const NETWORK: ChainModel = { name: "bench-model", onnx: smallNetwork() };

/** Hub, gateway, runner and a bound model, all features on: keys, metering, metrics. */
export async function startWholeChain(model: "script" | "onnx" = "script"): Promise<Running & Served> {
  const { served, stop } = await startChain([model === "onnx" ? NETWORK : SMALL]);
  const [{ url, key } = { url: "", key: "" }] = served.values();
  return { url, key, stop };
}

/** The same with several models. @param env what its processes get besides, such as another Python in `PATH` */
export async function startChain(
  models: readonly ChainModel[],
  env: Record<string, string> = {},
): Promise<{ served: Map<string, Served>; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "podium-bench-chain-"));
  chmodSync(folder, 0o711);
  const stack = await startStack({ dataDir: join(folder, "data"), fresh: true, env });
  const stop = async () => {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const admin = await logIn(stack.hubUrl, stack.admin);
    const person = await signUp(stack.hubUrl);
    const grant = { team: person.team, amount: 1_000_000_000, memo: "" };
    must(await admin.api.POST("/api/v1/credits/grants", { body: grant }));
    const served = new Map<string, Served>();
    for (const model of models) served.set(model.name, await serve(stack, person, model));
    return { served, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function serve(stack: Stack, person: Person, model: ChainModel): Promise<Served> {
  const { name } = model;
  const source = "onnx" in model ? await pushed(stack, person, model) : await trained(stack, person, model);
  const path = { name };
  const made = { name, public: false, timeout_ms: 30_000, max_queue: 4096, max_body_bytes: 8_000_000 };
  must(await person.api.POST("/api/v1/endpoints", { body: made }));
  const binding = { ...source, weight: 1, max_batch: 64 };
  must(await person.api.POST("/api/v1/endpoints/{name}/bindings", { params: { path }, body: binding }));
  const keyed = await person.api.POST("/api/v1/endpoints/{name}/keys", { params: { path }, body: { name } });
  const { key } = must(keyed);
  await waitFor("the model", 60_000, async () => {
    const endpoint = must(await person.api.GET("/api/v1/endpoints/{name}", { params: { path } }));
    return endpoint.bindings[0]?.state === "ready" ? true : null;
  });
  return { url: `${stack.gatewayUrl}/${name}`, key };
}

async function trained(
  { hubUrl }: Stack,
  person: Person,
  { name, script }: { name: string; script: string },
) {
  const session = await run(person, hubUrl, script);
  const { state, failure } = await ended(person, session.id);
  if (state !== "succeeded")
    throw new Error(`The session that trains "${name}" is ${state}: ${failure?.message}`);
  return { session_id: session.id, checkpoint: "model" };
}

async function pushed({ hubUrl }: Stack, person: Person, { onnx }: { onnx: Uint8Array }) {
  const tree_id = await push(person, hubUrl, { "model.onnx": onnx });
  return { onnx: { tree_id, resources: { cpu_milli: 1000 } } };
}
