import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startTestBed, untilQueued } from "./testing/test-gateway.ts";
import { KEY, testBinding, testTable } from "./testing/test-table.ts";

const PAGE = join(import.meta.dir, "../../../docs/reference/gateway-metrics.md");

/** Names and labels of what is told, without those of the process itself. */
function toldBy(text: string): Record<string, string[]> {
  const names = [...text.matchAll(/^# TYPE (podium_\w+) /gm)].map(([, name = ""]) => name);
  return Object.fromEntries(
    names.map((name) => {
      const lines = [...text.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?(?:\\{(.*)\\})? `, "gm"))];
      const labels = lines.flatMap(([, given = ""]) =>
        [...given.matchAll(/(\w+)="/g)].map(([, label]) => label),
      );
      return [name, [...new Set(labels)].filter((label) => label !== "le").sort() as string[]];
    }),
  );
}

test("the reference lists every metric with its labels, and nothing else", async () => {
  await using bed = await startTestBed();
  await bed.replica();
  await bed.post("/model-1", 1);
  await bed.post("/model-1", 1, {});
  const page = await readFile(PAGE, "utf8");
  const rows = [...page.matchAll(/^\| `(podium_gateway_\w+)` \| ([^|]*)\|/gm)];
  const documented = rows.map(([, name = "", labels = ""]) => [
    name,
    [...labels.matchAll(/`(\w+)`/g)].map(([, label = ""]) => label).sort(),
  ]);
  expect(documented.length).toBeGreaterThan(10);
  expect(toldBy(await (await bed.get("/metrics")).text())).toEqual(Object.fromEntries(documented));
});

test("success, failures by reason, stages, batches, and what waits and is under way, each by model version", async () => {
  const table = testTable({ max_queue: 2, bindings: [testBinding(7)] });
  await using bed = await startTestBed(table);
  const text = async () => (await bed.get("/metrics")).text();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const replica = await bed.replica({
    binding: 7,
    pullsAlways: false,
    timings: { compute_us: 0, held_us: 0 },
    infer: (body) => (body.byteLength > 1 ? { status: 422, body: "{}" } : { status: 200, body }),
    onBatch: () => held,
  });
  const asked = [bed.post("/model-1", 1), bed.post("/model-1", 22)];
  await untilQueued(bed.gateway.url, 2);
  expect((await bed.post("/model-1", 3)).status).toBe(429);
  replica.pull();
  await untilQueued(bed.gateway.url, 0);
  expect(await text()).toContain('podium_gateway_requests_in_flight{endpoint="model-1",version="7"} 2');
  release();
  await Promise.all(asked);
  await bed.post("/model-1", 1, { authorization: `Bearer ${KEY}no` });

  const lines = (await text()).split("\n");
  const at = 'endpoint="model-1",version="7"';
  for (const line of [
    `podium_gateway_request_success_total{${at}} 1`,
    `podium_gateway_request_failure_total{${at},reason="model"} 1`,
    `podium_gateway_request_failure_total{endpoint="model-1",version="",reason="denied"} 1`,
    `podium_gateway_requests_in_flight{${at}} 0`,
    `podium_gateway_batch_items_sum{${at}} 2`,
    `podium_gateway_batch_items_count{${at}} 1`,
    `podium_gateway_compute_duration_seconds_count{${at}} 1`,
    `podium_gateway_compute_duration_seconds_bucket{${at},le="0.0001"} 1`,
    `podium_gateway_queue_duration_seconds_bucket{${at},le="+Inf"} 1`,
  ])
    expect(lines).toContain(line);
  // Refused before a version was chosen, or after: the version's queue was full.
  expect(lines.filter((line) => /reason="rejected"\} 1$/.test(line))).toHaveLength(1);
});
