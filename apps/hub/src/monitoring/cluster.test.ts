import { expect, test } from "bun:test";
import { setCapacity } from "../nodes/index.ts";
import { apiOf } from "../testing/api.ts";
import { as, systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import {
  ENDED,
  loseNodes,
  makeMember,
  makeNode,
  makeRunningSession,
  makeSession,
  reload,
  report,
} from "../testing/factories.ts";

test("the cluster's figures count ready nodes, their devices, and the sessions that have not ended", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const { ask } = apiOf(member);
    const figures = async () => (await ask("GET", "/cluster")).json();
    const none = { nodes: 0, devices: 0, devices_in_use: 0, sessions_running: 0, sessions_queued: 0 };
    expect(await figures()).toEqual(none);

    const session = await makeRunningSession(member, { resources: { gpus: 3 } });
    await makeNode(ctx, 2);
    await makeSession(member);
    expect(await figures()).toEqual({
      nodes: 2,
      devices: 5,
      devices_in_use: 3,
      sessions_running: 1,
      sessions_queued: 1,
    });

    await report(ctx, session, ENDED);
    expect(await figures()).toMatchObject({ devices_in_use: 0, sessions_running: 0, sessions_queued: 1 });
    await loseNodes(ctx);
    expect(await figures()).toEqual({ ...none, sessions_queued: 1 });
  }));

test("a device that vanishes while it is held leaves no node with fewer than no free devices", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, { resources: { gpus: 2 } });
    const { nodeId } = await reload(ctx, session);
    const capacity = {
      cpu_milli: 4000,
      memory_bytes: 8 * 1024 ** 3,
      devices: [],
      executors: ["process" as const],
    };
    await db.transaction((tx) => setCapacity(tx, nodeId ?? "", capacity, () => ctx.ids.next("device")));
    const { ask } = apiOf(member);
    expect((await ask("GET", "/cluster")).json()).toMatchObject({ devices: 0, devices_in_use: 0 });
    expect((await ask("GET", "/nodes")).json().items).toMatchObject([{ free_devices: 0 }]);
  }));

test("who is not logged in sees no figures", () =>
  withRollback(async (db) => {
    const nobody = as(systemContext(db), { kind: "anonymous" });
    expect((await apiOf(nobody).ask("GET", "/cluster")).status).toBe(401);
  }));
