import { expect, test } from "bun:test";
import { apiOf } from "../testing/api.ts";
import { as, systemContext } from "../testing/context.ts";
import { outboxTypes, withRollback } from "../testing/database.ts";
import {
  heartbeat,
  loseNodes,
  makeMember,
  makeNode,
  makeSession,
  place,
  reload,
} from "../testing/factories.ts";

test("a node that drains takes nothing new until it is resumed; what waits starts then", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { ask } = apiOf(await makeMember(ctx, "admin"));
    const nodeId = await makeNode(ctx);
    const { name } = (await ask("GET", "/nodes")).json().items[0];
    const drained = await ask("POST", `/nodes/${name}/drain`);
    expect([drained.status, drained.json()]).toEqual([200, { name, state: "draining", draining: true }]);
    expect((await outboxTypes(db)).at(-1)).toBe("node.changed");

    const session = await makeSession(await makeMember(ctx));
    await place(ctx);
    expect((await reload(ctx, session)).state).toBe("queued");

    expect((await ask("POST", `/nodes/${name}/resume`)).json()).toEqual({
      name,
      state: "ready",
      draining: false,
    });
    await place(ctx);
    expect(await reload(ctx, session)).toMatchObject({ state: "placing", nodeId });
  }));

test("a node that was lost comes back as it was told to be", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { ask } = apiOf(await makeMember(ctx, "admin"));
    const nodeId = await makeNode(ctx);
    const shown = async () => (await ask("GET", "/nodes")).json().items[0];
    const { name } = await shown();
    await loseNodes(ctx);
    expect((await ask("POST", `/nodes/${name}/drain`)).json()).toMatchObject({
      state: "lost",
      draining: true,
    });
    await heartbeat(ctx, nodeId);
    expect((await shown()).state).toBe("draining");
    await loseNodes(ctx);
    await ask("POST", `/nodes/${name}/resume`);
    await heartbeat(ctx, nodeId);
    expect((await shown()).state).toBe("ready");
  }));

test("only administrators drain; a node that nobody knows is said to be unknown", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await makeNode(ctx);
    const { ask } = apiOf(await makeMember(ctx, "admin"));
    const { name } = (await ask("GET", "/nodes")).json().items[0];
    for (const role of ["participant", "organizer"] as const)
      for (const verb of ["drain", "resume"])
        expect((await apiOf(await makeMember(ctx, role)).ask("POST", `/nodes/${name}/${verb}`)).status).toBe(
          403,
        );
    const nobody = apiOf(as(ctx, { kind: "anonymous" }));
    expect((await nobody.ask("POST", `/nodes/${name}/drain`)).status).toBe(401);
    expect((await ask("POST", "/nodes/no-such-node/drain")).status).toBe(404);
    expect((await ask("GET", "/nodes")).json().items[0].state).toBe("ready");
  }));
