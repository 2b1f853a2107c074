import { expect, test } from "bun:test";
import { openDatabase } from "../platform/database.ts";
import { createMetrics } from "../platform/metrics.ts";
import { systemContext } from "../testing/context.ts";
import { withDatabase, withRollback } from "../testing/database.ts";
import {
  ENDED,
  heartbeat,
  loseNodes,
  makeMember,
  makeNode,
  makeRunningSession,
  makeSession,
  report,
} from "../testing/factories.ts";
import { observeCluster } from "./observe.ts";

/** The cluster's own lines of what Prometheus reads. */
const linesOf = async ({ registry }: ReturnType<typeof createMetrics>) =>
  (await registry.metrics()).split("\n").filter((line) => /^podium_(sessions|devices)\{/.test(line));

test("gauges show sessions by state and devices by use, and nothing of states that nobody is in", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const metrics = createMetrics();
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, { resources: { gpus: 3 } });
    await makeSession(member);
    await observeCluster(ctx, metrics);
    expect((await linesOf(metrics)).sort()).toEqual([
      'podium_devices{use="free"} 0',
      'podium_devices{use="held"} 3',
      'podium_sessions{state="queued"} 1',
      'podium_sessions{state="running"} 1',
    ]);

    await report(ctx, session, ENDED);
    await observeCluster(ctx, metrics);
    expect((await linesOf(metrics)).sort()).toEqual([
      'podium_devices{use="free"} 3',
      'podium_devices{use="held"} 0',
      'podium_sessions{state="queued"} 1',
    ]);
  }));

test("gauges show what each node said last, and nothing of what it does not know or of a lost one", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const metrics = createMetrics();
    const nodeId = await makeNode(ctx, 2);
    const known = { index: 0, utilization: 0.5, memory_bytes: 7, temperature_celsius: 40, power_watts: null };
    const devices = [known, { index: 1, utilization: null, memory_bytes: 0 }];
    await heartbeat(ctx, nodeId, [], { usage: { cpu_share: 0.25, devices } });
    const shown = async () => {
      await observeCluster(ctx, metrics);
      const lines = (await metrics.registry.metrics()).split("\n");
      return lines
        .filter((line) => /^podium_(node|gpu)_/.test(line))
        .map((line) => line.replace(/node="[^"]*",?/, ""));
    };
    expect(await shown()).toEqual([
      "podium_node_up{} 1",
      "podium_node_cpu_share{} 0.25",
      "podium_node_memory_used_bytes{} 0",
      "podium_node_disk_free_bytes{} 0",
      'podium_gpu_utilization{gpu="0"} 0.5',
      'podium_gpu_memory_used_bytes{gpu="0"} 7',
      'podium_gpu_memory_used_bytes{gpu="1"} 0',
      'podium_gpu_temperature_celsius{gpu="0"} 40',
    ]);
    await loseNodes(ctx);
    expect(await shown()).toEqual(["podium_node_up{} 0"]);
  }));

test("without its database the hub still answers with its own figures, and shows none of the cluster", () =>
  withDatabase(async (database, url) => {
    const metrics = createMetrics();
    await observeCluster(systemContext(database.db), metrics);
    expect(await linesOf(metrics)).toHaveLength(2);
    const gone = openDatabase(url.replace(/\/[^/]*$/, "/no_such_database"));
    try {
      await observeCluster(systemContext(gone.db), metrics);
    } finally {
      await gone.close();
    }
    expect(await linesOf(metrics)).toEqual([]);
    expect(await metrics.registry.metrics()).toContain("podium_http_request_duration_seconds");
  }));
