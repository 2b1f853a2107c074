import { expect, test } from "bun:test";
import { encodeFrame } from "@podium/shared";
import { startTestBed, untilQueued } from "../testing/test-gateway.ts";
import { KEY } from "../testing/test-table.ts";

/** The durations of a `Server-Timing` header by name, milliseconds. */
function timingOf(response: Response): Record<string, number> {
  const header = response.headers.get("server-timing") ?? "";
  return Object.fromEntries(
    header.split(", ").map((part) => {
      const [, name = "", ms] = /^(\w+);dur=([\d.]+)$/.exec(part) ?? [];
      return [name, Number(ms)];
    }),
  );
}

test("queue, batch, transport and compute make up the whole", async () => {
  await using bed = await startTestBed();
  const replica = await bed.replica({
    pullsAlways: false,
    timings: { compute_us: 20_000, held_us: 5_000 },
    onBatch: () => Bun.sleep(60),
  });
  const asked = bed.post("/model-1", 1);
  await untilQueued(bed.gateway.url, 1);
  await Bun.sleep(30);
  replica.pull();
  const { queue = 0, batch, transport = 0, compute, total = 0 } = timingOf(await asked);
  expect({ batch, compute }).toEqual({ batch: 5, compute: 20 });
  expect(queue).toBeGreaterThanOrEqual(29);
  expect(transport).toBeGreaterThanOrEqual(34);
  const sum = queue + 5 + transport + 20;
  expect(sum).toBeLessThanOrEqual(total + 0.02);
  expect(sum).toBeGreaterThan(0.7 * total);
});

test("a replica that does not say how long it took is taken to have computed all the time", async () => {
  await using bed = await startTestBed();
  await bed.replica({ onBatch: () => Bun.sleep(20) });
  const { batch, transport, compute } = timingOf(await bed.post("/model-1", 1));
  expect({ batch, transport }).toEqual({ batch: 0, transport: 0 });
  expect(compute).toBeGreaterThanOrEqual(19);
});

test("one that claims more time than there was gets what there was", async () => {
  await using bed = await startTestBed();
  await bed.replica({ timings: { compute_us: 3_600_000_000, held_us: 3_600_000_000 } });
  const { batch, compute = 0, total = 0 } = timingOf(await bed.post("/model-1", 1));
  expect(batch).toBe(0);
  expect(compute).toBeLessThanOrEqual(total + 0.02);
});

test("a stream begins with the timing of its first piece", async () => {
  await using bed = await startTestBed();
  const replica = await bed.replica({
    onBatch: async ({ batch }) => {
      const piece = (timings: object) =>
        replica.send(encodeFrame({ type: "chunk", batch, ...timings }, [Buffer.from('"a"')]));
      await Bun.sleep(20);
      piece({ compute_us: 8_000, held_us: 2_000 });
      piece({});
    },
  });
  const response = await bed.post("/v2/models/model-1/generate_stream", { text_input: "x" });
  expect(timingOf(response)).toMatchObject({ batch: 2, compute: 8 });
  expect(timingOf(response)["transport"]).toBeGreaterThanOrEqual(9);
  expect((await response.text()).match(/data: /g)).toHaveLength(2);
});

test("every answer has the request's id: the caller's own, or one that nobody else has", async () => {
  await using bed = await startTestBed();
  await bed.replica();
  const id = async (path: string, headers?: Record<string, string>) =>
    (await bed.post(path, 1, headers)).headers.get("x-request-id");
  const key = { authorization: `Bearer ${KEY}` };
  expect(await id("/model-1", { ...key, "x-request-id": "mine-1" })).toBe("mine-1");
  expect(await id("/nowhere", { "x-request-id": "mine-2" })).toBe("mine-2");
  const made = [await id("/model-1"), await id("/model-1"), await id("/model-1", {}), await id("/nowhere")];
  expect(new Set(made).size).toBe(4);
  for (const one of made) expect(one).toMatch(/^[0-9a-f]{8}-\w+$/);
  for (const bad of ["x".repeat(129), "a b"])
    expect(await id("/model-1", { ...key, "x-request-id": bad })).toMatch(/^[0-9a-f]{8}-\w+$/);
  const problem = (await (await bed.post("/model-1", 1, { "x-request-id": "mine-3" })).json()) as object;
  expect(problem).toMatchObject({ code: "unauthenticated", instance: "mine-3" });
});
