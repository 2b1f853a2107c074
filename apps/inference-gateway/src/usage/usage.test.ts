import { expect, test } from "bun:test";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { spawnGateway } from "../testing/spawn-gateway.ts";
import { testFolder, until } from "../testing/test-gateway.ts";
import { startTestHub } from "../testing/test-hub.ts";
import { startTestReplica } from "../testing/test-replica.ts";
import { KEY, testId, testTable } from "../testing/test-table.ts";
import { UsageCounter } from "./usage-counter.ts";
import { UsageLog } from "./usage-log.ts";

const ENDPOINT = testId("end", 1);
const GATEWAY = testId("gtw", 1);
const usageOf = (calls: number) => [{ endpoint_id: ENDPOINT, calls, failed: 0 }];
const told = { generation: 1, of: {} };
const CALLERS = 16;
const AT = new Date("2026-01-01T12:00:00Z");

test("what was flushed is charged once, though kill -9 comes before the hub takes it, before it says so, and after", async () => {
  const folder = await testFolder();
  const hub = startTestHub(testTable());
  const callsOnDisk = async () => {
    const text = await readFile(join(folder.path, "usage.jsonl"), "utf8").catch(() => "");
    return [...text.matchAll(/"calls":(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
  };
  let made = 0;
  for (const hubDoes of ["refuse", "take silently", "take"] as const) {
    hub.usage = hubDoes;
    const reports = hub.reports.length;
    const gateway = await spawnGateway(hub.url, folder.path);
    const replica = await startTestReplica({ url: gateway.url });
    made += await callTimes(gateway.url, 40);
    await until(async () => (await callsOnDisk()) >= made && hub.reports.length > reports);
    gateway.kill("SIGKILL");
    await gateway.exited;
    await replica.closed;
  }
  const last = await spawnGateway(hub.url, folder.path);
  await until(() => hub.calls(ENDPOINT) === made);
  last.kill("SIGTERM");

  expect(await last.exited).toBe(0);
  expect(hub.calls(ENDPOINT)).toBe(120);
  const sequences = new Set(hub.reports.map((report) => report.sequence));
  expect([...sequences].sort()).toEqual([...sequences].map((_, index) => index + 1));
  await hub.stop();
  await folder.remove();
}, 40_000);

test("kill -9 in the middle of a storm: every answered call is charged, and no more than were under way beside them", async () => {
  const folder = await testFolder();
  const hub = startTestHub(testTable());
  let [answered, sent] = [0, 0];
  for (let round = 0; round < 3; round++) {
    const gateway = await spawnGateway(hub.url, folder.path);
    const replica = await startTestReplica({ url: gateway.url });
    let isOver = false;
    const caller = async () => {
      while (!isOver) {
        sent += 1;
        const init = { method: "POST", body: "[1]", headers: { "x-api-key": KEY } };
        const answer = await fetch(`${gateway.url}/model-1`, init).catch(() => null);
        if (!answer) return;
        expect(answer.status).toBe(200);
        answered += 1;
      }
    };
    const callers = Array.from({ length: CALLERS }, caller);
    const enough = answered + 500;
    await until(() => answered > enough);
    gateway.kill("SIGKILL");
    isOver = true;
    await Promise.all([gateway.exited, replica.closed, ...callers]);
  }
  const last = await spawnGateway(hub.url, folder.path);
  last.kill("SIGTERM");
  await last.exited;

  const charged = hub.calls(ENDPOINT);
  expect(charged).toBeWithin(answered, sent + 1);
  expect(charged - answered).toBeWithin(0, 3 * CALLERS + 1);
  expect(hub.reports.every(({ items }) => items.every(({ key_id }) => key_id === testId("key", 1)))).toBe(
    true,
  );
  await hub.stop();
  await folder.remove();
}, 60_000);

test("counts that a power failure took back behind their last report are not reported twice", async () => {
  const folder = await testFolder();
  const log = await UsageLog.open(folder.path, GATEWAY);
  const counter = await UsageCounter.open(folder.path, log);
  const usage = counter.of(ENDPOINT, null);
  for (let call = 0; call < 10; call++) usage.add(call > 0);
  await counter.report(AT);
  await log.close();
  const path = join(folder.path, "usage-counts.1");
  const bytes = Buffer.from(await Bun.file(path).bytes());
  bytes.writeDoubleLE(4, 96);
  await writeFile(path, bytes);

  const reopened = await UsageLog.open(folder.path, GATEWAY);
  const again = await UsageCounter.open(folder.path, reopened);
  again.of(ENDPOINT, null).add(true);
  await again.report(AT);
  expect(reopened.pending.map(({ items }) => items)).toEqual([
    [{ endpoint_id: ENDPOINT, calls: 10, failed: 1 }],
    [{ endpoint_id: ENDPOINT, calls: 1, failed: 0 }],
  ]);
  await reopened.close();
  await folder.remove();
});

test("a crash between a report and whatever follows it reports nothing twice, and one before it reports all", async () => {
  const folder = await testFolder();
  const key = testId("key", 7);
  const open = async () => {
    const log = await UsageLog.open(folder.path, GATEWAY);
    return { log, counter: await UsageCounter.open(folder.path, log) };
  };
  const total = ({ pending }: UsageLog) =>
    pending.flatMap(({ items }) => items).reduce((sum, { calls }) => sum + calls, 0);
  const first = await open();
  for (let call = 0; call < 3; call++) first.counter.of(ENDPOINT, key).add(true);
  await first.counter.report(AT);
  first.counter.of(ENDPOINT, key).add(true);
  // The counter is left as it is: this is what a killed process leaves.
  await first.log.close();
  const second = await open();
  expect(total(second.log)).toBe(4);
  await second.log.acknowledge(2);
  await second.log.close();
  const third = await open();
  expect(total(third.log)).toBe(0);
  await third.log.close();
  await folder.remove();
});

test("a gateway that is asked to stop hands over what it has counted, with failures told apart", async () => {
  const folder = await testFolder();
  const hub = startTestHub(testTable());
  const gateway = await spawnGateway(hub.url, folder.path);
  await startTestReplica({
    url: gateway.url,
    infer: (body) =>
      body.byteLength > 3 ? { status: 422, body: '{"error":"too long"}' } : { status: 200, body },
  });
  await callTimes(gateway.url, 5);
  await fetch(`${gateway.url}/model-1`, { method: "POST", body: "[1234]", headers: { "x-api-key": KEY } });
  await fetch(`${gateway.url}/model-1`, { method: "POST", body: "[1]" });

  gateway.kill("SIGTERM");

  expect(await gateway.exited).toBe(0);
  const items = hub.reports.flatMap((report) => report.items);
  expect(items.reduce((sum, item) => sum + item.calls, 0)).toBe(6);
  expect(items.reduce((sum, item) => sum + item.failed, 0)).toBe(1);
  await hub.stop();
  await folder.remove();
});

test("half a line that a crash left is cut off, and the next report stands on a line of its own", async () => {
  const folder = await testFolder();
  const log = await UsageLog.open(folder.path, GATEWAY);
  await log.append(usageOf(1), told, AT);
  await log.close();
  await appendFile(join(folder.path, "usage.jsonl"), '{"report":{"gateway_id":"gtw');

  const reopened = await UsageLog.open(folder.path, GATEWAY);
  await reopened.append(usageOf(2), told, AT);
  await reopened.close();

  const again = await UsageLog.open(folder.path, GATEWAY);
  expect(again.pending.map(({ sequence, items }) => [sequence, items[0]?.calls])).toEqual([
    [1, 1],
    [2, 2],
  ]);
  await again.close();
  await folder.remove();
});

test("sequence numbers go on after everything was acknowledged and the file rewritten", async () => {
  const folder = await testFolder();
  const log = await UsageLog.open(folder.path, GATEWAY);
  const many = Array.from({ length: 2_000 }, (_, n) => ({
    endpoint_id: testId("end", n),
    calls: 1,
    failed: 0,
  }));
  await log.append(many, told, AT);
  await log.append(usageOf(3), told, AT);
  await log.acknowledge(1);
  expect(Bun.file(join(folder.path, "usage.jsonl")).size).toBeLessThan(1_000);
  await log.acknowledge(2);
  await log.close();

  const reopened = await UsageLog.open(folder.path, GATEWAY);
  expect(reopened.pending).toEqual([]);
  await reopened.append(usageOf(5), told, AT);
  expect(reopened.pending.map((report) => report.sequence)).toEqual([3]);
  await reopened.close();
  await folder.remove();
});

async function callTimes(url: string, times: number): Promise<number> {
  const answers = Array.from({ length: times }, () =>
    fetch(`${url}/model-1`, { method: "POST", body: "[1]", headers: { "x-api-key": KEY } }),
  );
  for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200);
  return times;
}
