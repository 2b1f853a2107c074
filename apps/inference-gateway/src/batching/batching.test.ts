import { expect, test } from "bun:test";
import { rawPost } from "../testing/raw-post.ts";
import { startTestBed, until } from "../testing/test-gateway.ts";
import type { Infer } from "../testing/test-replica.ts";
import { testTable } from "../testing/test-table.ts";

const CALLERS = 2_000;

/** A model that says what it was given, and refuses what is marked bad. */
const describing: Infer = (body) => {
  const { n, bad } = JSON.parse(Buffer.from(body).toString()) as { n: number; bad?: string };
  if (bad === "row") return { status: 422, body: JSON.stringify({ error: `row ${n} can't be scored` }) };
  if (bad === "form") return { status: 400, body: JSON.stringify({ error: `row ${n} has the wrong form` }) };
  return { status: 200, body: JSON.stringify({ answer_to: n, padding: "x".repeat(n % 97) }) };
};

test("each of 2,000 callers at once gets the answer to its own request, among aborts and bad rows", async () => {
  await using bed = await startTestBed(testTable({ timeout_ms: 30_000 }));
  for (const attempt of [1, 2, 3]) await bed.replica({ attempt, maxItems: 16 * attempt, infer: describing });

  const answers = await Promise.all(
    Array.from({ length: CALLERS }, async (_, n) => {
      const bad = n % 11 === 0 ? "row" : n % 13 === 0 ? "form" : undefined;
      const leaves = n % 7 === 0;
      const body = JSON.stringify({ n, bad });
      return {
        n,
        bad,
        leaves,
        answer: await rawPost(bed.gateway.url, "/model-1", body, leaves ? n % 5 : undefined),
      };
    }),
  );

  let checked = 0;
  for (const { n, bad, leaves, answer } of answers) {
    if (answer === null) {
      expect(leaves).toBe(true);
      continue;
    }
    checked += 1;
    const parsed = JSON.parse(answer.body) as { answer_to?: number; detail?: string; code?: string };
    if (bad === "row")
      expect([answer.status, parsed.code, parsed.detail]).toEqual([
        422,
        "model_error",
        `row ${n} can't be scored`,
      ]);
    else if (bad === "form")
      expect([answer.status, parsed.detail]).toEqual([400, `row ${n} has the wrong form`]);
    else expect([answer.status, parsed.answer_to]).toEqual([200, n]);
  }
  expect(checked).toBeGreaterThanOrEqual(CALLERS - Math.ceil(CALLERS / 7));
});

test("a replica gets what has queued meanwhile, up to its limit, in order", async () => {
  await using bed = await startTestBed();
  const replica = await bed.replica({ pullsAlways: false, maxItems: 4 });
  const answers = [0, 1, 2, 3, 4, 5].map(async (n) => {
    await Bun.sleep(n * 10);
    return (await bed.post("/model-1", [n])).text();
  });
  await until(async () => (await queued(bed)) === 6);

  replica.pull();
  replica.pull();

  expect(await Promise.all(answers)).toEqual(["[0]", "[1]", "[2]", "[3]", "[4]", "[5]"]);
  expect(replica.batches.map((batch) => batch.items.length)).toEqual([4, 2]);
});

test("a caller that has gone is not computed, and gives its place in the queue back", async () => {
  await using bed = await startTestBed(testTable({ max_queue: 1 }));
  const replica = await bed.replica({ pullsAlways: false });
  await rawPost(bed.gateway.url, "/model-1", '"gone"', 50);
  await until(async () => (await queued(bed)) === 0);
  const second = bed.post("/model-1", "stays");
  await until(async () => (await queued(bed)) === 1);

  replica.pull();

  expect(await (await second).text()).toBe("stays");
  expect(replica.batches.map((batch) => batch.items.length)).toEqual([1]);
});

test("a full queue answers 429 with Retry-After, and lets callers in again when there is room", async () => {
  await using bed = await startTestBed(testTable({ max_queue: 2 }));
  const replica = await bed.replica({ pullsAlways: false });
  const waiting = [bed.post("/model-1", 1), bed.post("/model-1", 2)];
  await until(async () => (await queued(bed)) === 2);

  const refused = await bed.post("/model-1", 3);

  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect(await refused.json()).toMatchObject({
    code: "overloaded",
    status: 429,
    type: "/problems/overloaded",
  });
  replica.pull();
  expect((await Promise.all(waiting)).map((response) => response.status)).toEqual([200, 200]);
  replica.pull();
  expect((await bed.post("/model-1", 4)).status).toBe(200);
});

test("a model that does not answer in time is answered for with 504, and its late answer goes to nobody", async () => {
  await using bed = await startTestBed(testTable({ timeout_ms: 200 }));
  const release = Promise.withResolvers<void>();
  let batches = 0;
  await bed.replica({ onBatch: () => (batches++ === 0 ? release.promise : undefined) });

  const late = await bed.post("/model-1", '"first"');
  expect([late.status, (await late.json()).code]).toEqual([504, "timeout"]);
  release.resolve();
  expect(await (await bed.post("/model-1", '"second"')).text()).toBe('"second"');
});

test("without a replica a call waits its time and is answered 503", async () => {
  await using bed = await startTestBed(testTable({ timeout_ms: 200 }));
  const response = await bed.post("/model-1", 1);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({
    code: "unavailable",
    detail: expect.stringContaining("No replica"),
  });
});

test("a replica that comes up answers what was waiting for it", async () => {
  await using bed = await startTestBed();
  const waiting = bed.post("/model-1", "[1]");
  await until(async () => (await queued(bed)) === 1);
  await bed.replica();
  expect(await (await waiting).text()).toBe("[1]");
});

async function queued(bed: { gateway: { url: string } }): Promise<number> {
  const text = await (await fetch(`${bed.gateway.url}/metrics`)).text();
  return Number(/^podium_gateway_queue_depth\{.*\} (\d+)$/m.exec(text)?.[1] ?? -1);
}
