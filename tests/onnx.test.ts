import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { TestHub } from "../apps/node-runner/src/testing/test-hub.ts";
import { TestRunner } from "../apps/node-runner/src/testing/test-runner.ts";
import {
  externalModel,
  hungryModel,
  smallNetwork,
  sumModel,
} from "../apps/onnx-server/src/testing/models.ts";
import { testIf } from "../scripts/testing/requires.ts";
import { InferClient } from "./conformance/client.ts";
import { type ServingChain, startServingChain } from "./lib/serving-chain.ts";

setDefaultTimeout(60_000);

const SERVING = {
  binding_id: "bnd_0198c0de0198c0de0198c0de0198c0de" as const,
  replica_token: "token",
  gateways: [],
  max_batch: 16,
  onnx: { file: "model.onnx" },
};

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

async function chainOf(...args: Parameters<typeof startServingChain>): Promise<ServingChain> {
  const chain = await startServingChain(...args);
  open.push(chain);
  return chain;
}

const network = { name: "net", files: { "model.onnx": smallNetwork() } };
const zeros = Array<number>(16).fill(0);

async function post({ url, key }: ServingChain, path: string, body: unknown, limitMs = 30_000) {
  const headers = { authorization: `Bearer ${key}`, "x-request-timeout-ms": String(limitMs) };
  const answer = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  return [answer.status, await answer.json()];
}

async function answersEverywhere(chain: ServingChain) {
  expect(await post(chain, "/net", { x: [zeros, zeros] })).toEqual([200, { y: [[0.5], [0.5]] }]);
  expect(await post(chain, "/net", [zeros])).toEqual([200, [[0.5]]]);
  expect(await post(chain, "/v1/models/net:predict", { instances: [zeros, { x: zeros }] })).toEqual([
    200,
    { predictions: [[0.5], [0.5]] },
  ]);
  const [status, problem] = await post(chain, "/net", { x: [1] });
  expect([status, problem.code, problem.detail]).toEqual([
    400,
    "invalid_request",
    expect.stringContaining("dimension 1 is expected to be 16, got 1"),
  ]);
  const client = new InferClient(chain.url, chain.key, "net");
  const raw = new Uint8Array(new Float32Array(zeros).buffer);
  const answer = await client.infer(
    [{ name: "x", datatype: "FP32", shape: [1, 16], raw }],
    ['"parameters":{"binary_data_output":true}'],
  );
  expect(new Float32Array(new Uint8Array(answer.raw.get("y") ?? []).buffer)).toEqual(new Float32Array([0.5]));
  expect(await (await client.get()).json()).toMatchObject({ platform: "onnxruntime_onnx" });
}

test("an ONNX file is called in every protocol, as a plain process", async () => {
  await answersEverywhere(await chainOf([network]));
});

testIf("bubblewrap", "an ONNX file is called in every protocol, in the sandbox of its session", async () => {
  await answersEverywhere(await chainOf([network], undefined, { PODIUM_SANDBOX: "bubblewrap" }));
});

test("the endpoint's own examples are answered as they stand", async () => {
  const chain = await chainOf([network, { name: "sum", files: { "model.onnx": sumModel() } }]);
  const headers = { authorization: `Bearer ${chain.key}` };
  for (const name of ["net", "sum"]) {
    const { paths } = (await (await fetch(`${chain.url}/${name}/openapi.json`, { headers })).json()) as {
      paths: Record<string, { post?: { requestBody?: { content: Record<string, { example?: unknown }> } } }>;
    };
    for (const [path, { post: operation }] of Object.entries(paths)) {
      const example = operation?.requestBody?.content["application/json"]?.example;
      if (example !== undefined && !path.includes("generate"))
        expect([path, ...(await post(chain, path, example))]).toEqual([path, 200, expect.anything()]);
    }
  }
});

interface Runs extends AsyncDisposable {
  hub: TestHub;
}

async function runnerWith(env: Record<string, string> = {}): Promise<Runs> {
  const hub = new TestHub();
  const runner = await TestRunner.create(hub, env);
  const stop = async () => {
    await runner.dispose();
    await hub.close();
  };
  open.push({ [Symbol.asyncDispose]: stop });
  await runner.start();
  return { hub, [Symbol.asyncDispose]: stop };
}

test("a file that can't be served fails its session with words that say why", async () => {
  const { hub } = await runnerWith();
  const bad = {
    "is no ONNX model, or only a part of one": { "model.onnx": smallNetwork().subarray(0, 900) },
    "names a file of weights that lies outside": { "model.onnx": externalModel("../../../../etc/passwd") },
    "There is no file model.onnx": { "other.onnx": smallNetwork() },
  };
  for (const [message, files] of Object.entries(bad)) {
    const attempt = hub.assign("", {
      session: { id: "ses_0198c0de0198c0de0198c0de0198c0de", name: "ada/None/1", kind: "serve" },
      checkpoint: { name: "onnx", tree_id: hub.addTree(files) },
      serving: SERVING,
    });
    expect(await hub.ended(attempt)).toMatchObject({
      failure: { code: "user_error", message: expect.stringContaining(message) },
    });
  }
});

test("a model that takes all memory ends at its session's limit, and nobody else does", async () => {
  const chain = await chainOf([{ name: "hungry", files: { "model.onnx": hungryModel() } }, network]);
  expect(await post(chain, "/hungry", { shape: [2, 2] })).toEqual([
    200,
    {
      y: [
        [0, 0],
        [0, 0],
      ],
    },
  ]);
  const [status] = await post(chain, "/hungry", { shape: [30_000, 30_000] }, 5_000);
  expect([422, 502, 503, 504]).toContain(Number(status));
  await answersEverywhere(chain);
});
