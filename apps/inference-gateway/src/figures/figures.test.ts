import { expect, test } from "bun:test";
import type { FiguresReport } from "@podium/shared";
import { spawnGateway } from "../testing/spawn-gateway.ts";
import { testFolder, until } from "../testing/test-gateway.ts";
import { startTestHub } from "../testing/test-hub.ts";
import { startTestReplica } from "../testing/test-replica.ts";
import { KEY, testId, testTable } from "../testing/test-table.ts";
import { FiguresFile } from "./figures-file.ts";

const sum = (values: number[] = []) => values.reduce((all, value) => all + value, 0);
const total = (reports: FiguresReport[], read: (item: FiguresReport["items"][number]) => number) =>
  sum(
    [...new Map(reports.map((report) => [report.sequence, report])).values()].flatMap(({ items }) =>
      items.map(read),
    ),
  );

test("each request is in one minute's figures, those of a hub that was away and of a killed hub's answer too", async () => {
  const folder = await testFolder();
  const hub = startTestHub(testTable());
  const run = async (status: number, calls: number) => {
    hub.figuresStatus = status;
    const gateway = await spawnGateway(hub.url, folder.path);
    const replica = await startTestReplica({ url: gateway.url, timings: { compute_us: 1, held_us: 0 } });
    const headers = { "x-api-key": KEY };
    for (let call = 0; call < calls; call++) {
      const { status } = await fetch(`${gateway.url}/model-1`, { method: "POST", body: "1", headers });
      expect(status).toBe(200);
    }
    await fetch(`${gateway.url}/model-1`, { method: "POST", body: "1" });
    const before = hub.figures.length;
    gateway.kill("SIGTERM");
    expect(await gateway.exited).toBe(0);
    await replica.closed;
    await until(() => hub.figures.length > before);
  };
  await run(503, 3);
  await run(204, 4);

  // The first was said twice: its answer was not heard.
  expect(hub.figures.length).toBeGreaterThan(2);
  const version = (wanted: number) => (item: FiguresReport["items"][number]) =>
    item.version === wanted ? item.calls : 0;
  expect(total(hub.figures, version(1))).toBe(7);
  expect(total(hub.figures, version(0))).toBe(2);
  expect(total(hub.figures, ({ errors }) => sum(errors))).toBe(2);
  expect(total(hub.figures, ({ latency }) => sum(latency))).toBe(7);
  expect(total(hub.figures, ({ batched }) => batched)).toBe(7);
  const [{ items = [], minute = "" } = {}] = hub.figures;
  expect(items.map(({ endpoint_id }) => endpoint_id)).toEqual(items.map(() => testId("end", 1)));
  expect(Date.parse(minute) % 60_000).toBe(0);
  await hub.stop();
  await folder.remove();
}, 30_000);

test("numbers go on after a restart, though everything was acknowledged", async () => {
  const folder = await testFolder();
  const file = new FiguresFile(folder.path);
  file.append("2026-01-01T00:00:00Z", []);
  file.append("2026-01-01T00:01:00Z", []);
  file.acknowledge(2);
  file.close();
  const again = new FiguresFile(folder.path);
  expect(again.first()).toBeNull();
  again.append("2026-01-01T00:02:00Z", []);
  expect(again.first()).toEqual({ sequence: 3, minute: "2026-01-01T00:02:00Z", items: [] });
  again.close();
  await folder.remove();
});

test("figures that the hub will never take hold up no others", async () => {
  const folder = await testFolder();
  const file = new FiguresFile(folder.path);
  file.append("2026-01-01T00:00:00Z", []);
  file.close();
  const hub = startTestHub(testTable());
  hub.figuresStatus = 400;
  const gateway = await spawnGateway(hub.url, folder.path);
  gateway.kill("SIGTERM");
  await gateway.exited;
  const after = new FiguresFile(folder.path);
  expect(after.first()).toBeNull();
  after.close();
  await hub.stop();
  await folder.remove();
}, 20_000);
