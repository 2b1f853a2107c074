import { expect, test } from "bun:test";
import { openDatabase } from "../platform/database.ts";
import { createMetrics } from "../platform/metrics.ts";
import { systemContext } from "../testing/context.ts";
import { withDatabase, withRollback } from "../testing/database.ts";
import { ENDED, makeMember, makeRunningSession, makeSession, report } from "../testing/factories.ts";
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
