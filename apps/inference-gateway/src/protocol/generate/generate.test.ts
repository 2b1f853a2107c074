import { expect, test } from "bun:test";
import { type BatchFrame, encodeFrame } from "@podium/shared";
import { startTestBed, type TestBed, until } from "../../testing/test-gateway.ts";
import type { Answer, TestReplica } from "../../testing/test-replica.ts";
import { KEY, testId, testTable } from "../../testing/test-table.ts";

const PATH = "/v2/models/model-1/generate";
const ASKED = { id: "7", text_input: "once", parameters: { top: 3 } };

/** A replica that sends each piece of a list, and then its result. */
async function startTelling(bed: TestBed, pieces: unknown[], answer: Answer = { status: 200, body: "" }) {
  const replica: TestReplica = await bed.replica({
    infer: () => answer,
    onBatch: async (frame: BatchFrame) => {
      if (!frame.items[0]?.stream) return;
      for (const piece of pieces) tell(replica, frame.batch, piece);
    },
  });
  return replica;
}

function tell(replica: TestReplica, batch: number, piece: unknown) {
  replica.send(encodeFrame({ type: "chunk", batch }, [Buffer.from(JSON.stringify(piece))]));
}

async function events(response: Response): Promise<Record<string, unknown>[]> {
  const text = await response.text();
  expect(text).toMatch(/^(data: .+\n\n)*$/);
  return text
    .split("\n\n")
    .slice(0, -1)
    .map((event) => JSON.parse(event.slice("data: ".length)) as Record<string, unknown>);
}

const NAMED = { id: "7", model_name: "model-1", model_version: "1" };

test("generate: the model gets the request as it came, and its text comes back whole", async () => {
  await using bed = await startTestBed();
  const answers = ['"upon a time"', '{"text_output":"so","details":{"tokens":2}}', "5", "{}"];
  let seen = "";
  await bed.replica({
    infer: (body) => {
      seen = Buffer.from(body).toString();
      return { status: 200, body: answers.shift() ?? "" };
    },
  });
  expect(await (await bed.post(PATH, ASKED)).json()).toEqual({ ...NAMED, text_output: "upon a time" });
  expect(JSON.parse(seen)).toEqual(ASKED);
  const detailed = await bed.post("/v2/models/model-1/versions/1/generate", ASKED);
  expect(await detailed.json()).toEqual({ ...NAMED, text_output: "so", details: { tokens: 2 } });
  for (const _ of answers.slice()) {
    const answer = await bed.post(PATH, ASKED);
    expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining("text_output")]);
  }
});

test("generate_stream: an event a piece, in order, each with the model's name", async () => {
  await using bed = await startTestBed();
  await startTelling(bed, ["a", 'b\n"', { text_output: "c", done: true }]);
  const answer = await bed.post(`${PATH}_stream`, ASKED);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  expect(await events(answer)).toEqual([
    { ...NAMED, text_output: "a" },
    { ...NAMED, text_output: 'b\n"' },
    { ...NAMED, text_output: "c", done: true },
  ]);
  expect((await bed.post(`${PATH}_stream`, { text_input: 5 })).status).toBe(400);
  expect((await bed.post("/v2/models/model-1/versions/2/generate_stream", ASKED)).status).toBe(404);
  expect((await bed.post(`${PATH}_stream`, ASKED, {})).status).toBe(401);
});

test("an error before the first piece has its status, a later one is the last event", async () => {
  await using bed = await startTestBed();
  const failed: Answer = { status: 422, body: '{"error":"ValueError: no"}' };
  const silent = await startTelling(bed, [], failed);
  const early = await bed.post(`${PATH}_stream`, ASKED);
  expect([early.status, await early.json()]).toEqual([422, { error: "ValueError: no" }]);
  silent.kill();
  await silent.closed;

  await startTelling(bed, ["a"], failed);
  const late = await bed.post(`${PATH}_stream`, ASKED);
  expect(late.status).toBe(200);
  expect(await events(late)).toEqual([{ ...NAMED, text_output: "a" }, { error: "ValueError: no" }]);
});

test("a model that streams something else than text ends with an error, and is told to stop", async () => {
  await using bed = await startTestBed();
  const replica = await startTelling(bed, [5, 6, 7]);
  const answer = await bed.post(`${PATH}_stream`, ASKED);
  expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining("text_output")]);
  await until(() => replica.cancelled.length > 0);
});

test("when the caller leaves, the replica is told so; what was read is billed", async () => {
  await using bed = await startTestBed();
  const gate = Promise.withResolvers<void>();
  const replica: TestReplica = await bed.replica({
    infer: () => ({ status: 200, body: "" }),
    onBatch: (frame) => {
      tell(replica, frame.batch, "a");
      return gate.promise;
    },
  });
  const leaving = new AbortController();
  const answer = await fetch(`${bed.gateway.url}${PATH}_stream`, {
    method: "POST",
    body: JSON.stringify(ASKED),
    headers: { "x-api-key": "pdk_of-the-test" },
    signal: leaving.signal,
  });
  await answer.body?.getReader().read();
  leaving.abort();
  await until(() => replica.cancelled.length > 0);
  expect(replica.cancelled).toEqual([1]);
  // What the replica still sends for it goes nowhere and breaks nothing.
  tell(replica, 1, "b");
  gate.resolve();
  await bed.gateway.stop();
  expect(bed.hub.calls(testId("end", 1))).toBe(1);
});

test("a model that falls silent times out: before the first piece as a status, later as the last event", async () => {
  await using bed = await startTestBed(testTable({ timeout_ms: 300 }));
  const never = Promise.withResolvers<void>();
  let first: unknown = null;
  const replica: TestReplica = await bed.replica({
    maxItems: 1,
    onBatch: (frame) => {
      if (first) tell(replica, frame.batch, first);
      replica.pull();
      return never.promise;
    },
  });
  expect((await bed.post(`${PATH}_stream`, ASKED)).status).toBe(504);
  first = "a";
  const begun = await events(await bed.post(`${PATH}_stream`, ASKED));
  expect(begun).toEqual([{ ...NAMED, text_output: "a" }, { error: expect.stringContaining("time limit") }]);
  await until(() => replica.cancelled.length > 1);
  expect(replica.cancelled).toEqual([1, 2]);
});

test("a replica that dies midway is told to the caller; a call without a piece goes to the next one", async () => {
  await using bed = await startTestBed();
  const dying = await bed.replica({ onBatch: async () => dying.kill() });
  const moved = bed.post(`${PATH}_stream`, ASKED);
  await dying.closed;
  const next: TestReplica = await bed.replica({
    pullsAlways: false,
    onBatch: async (frame) => {
      tell(next, frame.batch, "a");
      await Bun.sleep(50);
      next.kill();
    },
  });
  next.pull();
  expect(await events(await moved)).toEqual([
    { ...NAMED, text_output: "a" },
    { error: expect.stringContaining("before the answer was complete") },
  ]);
});

test("a replica has 32 streams at once: further ones wait for a turn, ordinary calls do not", async () => {
  await using bed = await startTestBed();
  const gates: PromiseWithResolvers<void>[] = [];
  const replica: TestReplica = await bed.replica({
    infer: (body, item) => ({ status: 200, body: item.stream ? "" : body }),
    onBatch: (frame) => {
      if (!frame.items[0]?.stream) return undefined;
      // A runner asks for more while a stream is under way.
      replica.pull();
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      return gate.promise;
    },
  });
  const streams = Array.from({ length: 34 }, () => bed.post(`${PATH}_stream`, ASKED));
  await until(() => gates.length === 32);
  expect(await (await bed.post("/model-1", "[1]")).text()).toBe("[1]");
  expect(gates.length).toBe(32);
  gates[5]?.resolve();
  await until(() => gates.length === 33);
  for (const gate of gates) gate.resolve();
  await until(() => gates.length === 34);
  gates[33]?.resolve();
  expect((await Promise.all(streams)).map(({ status }) => status)).toEqual(streams.map(() => 200));
});

test("a caller that does not read loses its stream; the gateway keeps only so much for it", async () => {
  await using bed = await startTestBed();
  const never = Promise.withResolvers<void>();
  const replica: TestReplica = await bed.replica({ onBatch: () => never.promise });
  const { hostname, port } = new URL(bed.gateway.url);
  const body = JSON.stringify(ASKED);
  const socket = await Bun.connect({ hostname, port: Number(port), socket: { data() {} } });
  socket.pause();
  socket.write(`POST ${PATH}_stream HTTP/1.1\r\nHost: gateway\r\nX-Api-Key: ${KEY}\r\n`);
  socket.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
  await until(() => replica.batches.length > 0);
  const piece = "x".repeat(100_000);
  let sent = 0;
  while (replica.cancelled.length === 0 && sent < 1_000) {
    tell(replica, 1, piece);
    sent += 1;
    await Bun.sleep(1);
  }
  expect(replica.cancelled).toEqual([1]);
  socket.terminate();
}, 30_000);
