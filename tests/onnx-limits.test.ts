import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loopModel } from "../apps/onnx-server/src/testing/models.ts";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { ended, logOf, must, type Person, push, signUp, waitFor } from "./lib/person.ts";

setDefaultTimeout(240_000);

const WITHIN_MS = 120_000;
/** Longer than starting the server and counting to zero takes here; a loop that does not end is over then. */
const START_TIMEOUT_MS = 30_000;
const CALL_MS = 1_000;
/** A Loop takes no other number as "for ever". */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

const folder = mkdtempSync(join(tmpdir(), "podium-onnx-limits-"));
let stack: Stack;
let person: Person;

beforeAll(async () => {
  stack = await startStack({
    dataDir: join(folder, "data"),
    fresh: true,
    durable: false,
    env: { PODIUM_EXECUTOR: "process", PODIUM_ONNX_START_TIMEOUT_MS: String(START_TIMEOUT_MS) },
  });
  person = await signUp(stack.hubUrl);
});
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Makes an endpoint with the model behind it. */
async function bind(name: string, model: Uint8Array) {
  const params = { path: { name } };
  must(
    await person.api.POST("/api/v1/endpoints", {
      body: { name, public: true, timeout_ms: CALL_MS } as never,
    }),
  );
  const tree_id = await push(person, stack.hubUrl, { "model.onnx": model });
  const body = { onnx: { tree_id } } as never;
  must(await person.api.POST("/api/v1/endpoints/{name}/bindings", { params, body }));
  const url = `${stack.gatewayUrl}/${name}`;
  return {
    binding: async () => {
      const [binding] = must(await person.api.GET("/api/v1/endpoints/{name}", { params })).bindings;
      if (!binding) throw new Error(`${name} has lost its binding`);
      return binding;
    },
    call: async (n: number, path = "") => {
      const response = await fetch(url + path, { method: "POST", body: JSON.stringify({ n: [n] }) });
      return { status: response.status, text: await response.text() };
    },
  };
}

test("a model whose first run does not end is ended, its owner reads why, and callers are told", async () => {
  const { binding, call } = await bind("endless", loopModel({ times: "endless" }));
  const failed = await waitFor("the end of its start", WITHIN_MS, async () => {
    const found = await binding();
    return found.state === "failed" ? found : null;
  });
  expect(failed.failure).toStartWith("model.onnx was not ready within 30 s");
  expect(failed.failure).toContain("look for a Loop without an end");
  const session = await ended(person, failed.session_id);
  expect(session).toMatchObject({ state: "failed", failure: { code: "timeout" } });
  expect(await logOf(person, session.id)).toContain(
    "[podium] model.onnx is loaded; its first runs begin, with zeros",
  );
  expect((await call(1)).status).toBe(503);
});

test("a call on which a model loops is 504, and its replica is replaced; so is one of a streamed answer", async () => {
  const { binding, call } = await bind("counter", loopModel({ times: "given" }));
  const answers = () =>
    waitFor("its answer", WITHIN_MS, async () => {
      const { status, text } = await call(3);
      return status === 200 ? text : null;
    });
  expect(JSON.parse(await answers())).toEqual({ y: [3] });
  const first = (await binding()).session_id;

  expect((await call(FOR_EVER)).status).toBe(504);
  const lost = await ended(person, first, WITHIN_MS);
  expect(lost.failure).toMatchObject({
    code: "user_error",
    message: expect.stringContaining("A run of model.onnx did not come back"),
    hint: expect.stringContaining("Loop whose end depends on the input"),
  });
  await answers();
  const second = await waitFor("the news of its replacement", WITHIN_MS, async () => {
    const ready = (await binding()).replicas.find(({ state }) => state === "ready");
    return ready && ready.session_id !== first ? ready.session_id : null;
  });

  const streamed = await fetch(`${stack.gatewayUrl}/counter`, {
    method: "POST",
    headers: { accept: "text/event-stream" },
    body: JSON.stringify({ n: [FOR_EVER] }),
  });
  expect(await streamed.text()).not.toContain('"y"');
  expect((await ended(person, second, WITHIN_MS)).failure?.message).toContain("did not come back");
  await answers();
});
