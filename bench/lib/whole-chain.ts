import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { smallNetwork } from "../../apps/onnx-server/src/testing/models.ts";
import { startStack } from "../../scripts/stack/stack.ts";
import { ended, logIn, must, type Person, push, run, signUp, waitFor } from "../../tests/lib/person.ts";
import type { Running } from "./gateway-alone.ts";

/** A small linear model in plain Python, as a participant would write it. */
const MODEL = `
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
`;

/** What the chain has for a model: a script in Python, or a small network (16 → 32 → 1) as an ONNX file. */
export type ChainModel = "script" | "onnx";

async function trained(person: Person, hubUrl: string) {
  const session = await run(person, hubUrl, MODEL);
  await ended(person, session.id);
  return { session_id: session.id, checkpoint: "model" };
}

async function pushed(person: Person, hubUrl: string) {
  const resources = { cpu_milli: 1000 };
  return { onnx: { tree_id: await push(person, hubUrl, { "model.onnx": smallNetwork() }), resources } };
}

/** Hub, gateway, runner and a bound model, all features on: keys, metering, metrics. */
export async function startWholeChain(model: ChainModel = "script"): Promise<Running & { key: string }> {
  const folder = mkdtempSync(join(tmpdir(), "podium-bench-chain-"));
  chmodSync(folder, 0o711);
  const stack = await startStack({ dataDir: join(folder, "data"), fresh: true });
  const stop = async () => {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const admin = await logIn(stack.hubUrl, stack.admin);
    const person = await signUp(stack.hubUrl);
    const grant = { team: person.team, amount: 1_000_000_000, memo: "" };
    must(await admin.api.POST("/api/v1/credits/grants", { body: grant }));
    const source = await (model === "onnx" ? pushed : trained)(person, stack.hubUrl);

    const name = "bench-model";
    const path = { name };
    const made = { name, public: false, timeout_ms: 30_000, max_queue: 4096, max_body_bytes: 1_000_000 };
    must(await person.api.POST("/api/v1/endpoints", { body: made }));
    const binding = { ...source, weight: 1, max_batch: 64 };
    must(
      await person.api.POST("/api/v1/endpoints/{name}/bindings", {
        params: { path },
        body: binding as never,
      }),
    );
    const keyed = await person.api.POST("/api/v1/endpoints/{name}/keys", {
      params: { path },
      body: { name },
    });
    const { key } = must(keyed);
    await waitFor("the model", 30_000, async () => {
      const endpoint = must(await person.api.GET("/api/v1/endpoints/{name}", { params: { path } }));
      return endpoint.bindings[0]?.state === "ready" ? true : null;
    });
    return { url: `${stack.gatewayUrl}/${name}`, key, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
