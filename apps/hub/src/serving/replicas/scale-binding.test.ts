import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { makeBound, makePlaced } from "../../testing/bound.ts";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { ENDED, makeMember, makeNode } from "../../testing/factories.ts";
import { autoscale, endReplica, loadAll, makeEndpoint, replicasOf } from "../../testing/serving.ts";

test("the replicas of a model are changed through the API, which shows them; what is not named stays", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, binding } = await makeBound(ctx, { max_batch: 7 });
    await makeNode(ctx);
    await loadAll(ctx, binding);
    const api = apiOf(member);
    const path = `/endpoints/${endpoint.name}/bindings/${binding.id}/scaling`;

    const answer = await api.ask("PATCH", path, { min_replicas: 2, max_replicas: 5, idle_seconds: 9 });
    expect([answer.status, answer.json()]).toMatchObject([
      200,
      {
        version: 1,
        scaling: {
          min_replicas: 2,
          max_replicas: 5,
          target_load: 7,
          scale_down_seconds: 60,
          idle_seconds: 9,
          wanted: 2,
          trouble: null,
        },
        replicas: [{ session_id: binding.session.id, state: "ready", in_flight: 0, restarts: 0 }],
      },
    ]);
    expect(answer.json().replicas[0].node).toStartWith("node-");
    expect(await outboxTypes(db)).toContain("binding.changed");
    await autoscale(ctx);
    const shown = (await api.ask("GET", `/endpoints/${endpoint.name}`)).json();
    expect(shown.bindings[0].replicas.map((each: { state: string }) => each.state)).toEqual([
      "ready",
      "queued",
    ]);
  }));

test("settings that make no sense are refused with the reason, and change nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, binding } = await makeBound(ctx);
    const api = apiOf(member);
    const path = `/endpoints/${endpoint.name}/bindings/${binding.id}/scaling`;
    for (const wrong of [
      {},
      { min_replicas: 2 },
      { max_replicas: 0 },
      { min_replicas: -1 },
      { min_replicas: 3, max_replicas: 2 },
      { target_load: 0 },
      { idle_seconds: 0 },
      { replicas: 3 },
    ]) {
      const answer = await api.ask("PATCH", path, wrong);
      expect([wrong, answer.status]).toEqual([wrong, 400]);
    }
    const [shown] = (await api.ask("GET", `/endpoints/${endpoint.name}`)).json().bindings;
    expect(shown.scaling).toMatchObject({ min_replicas: 1, max_replicas: 1 });
  }));

test("another team's binding is not found, one that was taken off can't be scaled", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, binding } = await makeBound(ctx);
    const path = `/endpoints/${endpoint.name}/bindings/${binding.id}/scaling`;
    const other = await makeMember(ctx);
    expect((await apiOf(other).ask("PATCH", path, { max_replicas: 2 })).status).toBe(404);
    const elsewhere = `/endpoints/${(await makeEndpoint(other)).name}/bindings/${binding.id}/scaling`;
    expect((await apiOf(other).ask("PATCH", elsewhere, { max_replicas: 2 })).status).toBe(404);
    await apiOf(member).ask("DELETE", `/endpoints/${endpoint.name}/bindings/${binding.id}`);
    expect((await apiOf(member).ask("PATCH", path, { max_replicas: 2 })).status).toBe(409);
  }));

test("who sets the replicas of a model that was given up has it tried again", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, binding } = await makePlaced(ctx);
    await endReplica(ctx, binding.session.id, { ...ENDED, exit_code: 1 });
    await autoscale(ctx);
    expect([(await binding.reload()).state, await replicasOf(ctx, binding)]).toEqual(["failed", []]);
    ctx.clock.advance(1_000);
    const path = `/endpoints/${endpoint.name}/bindings/${binding.id}/scaling`;
    await apiOf(member).ask("PATCH", path, { max_replicas: 2 });
    await autoscale(ctx);
    expect(await replicasOf(ctx, binding)).toMatchObject([{ state: "starting", session: "queued" }]);
    expect((await binding.reload()).state).toBe("starting");
  }));

test("the session that a model was bound with can't be removed while others are made as it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, binding } = await makePlaced(ctx);
    await endReplica(ctx, binding.session.id, { ...ENDED, exit_code: 1 });
    const refused = await apiOf(member).ask("DELETE", `/sessions/${binding.session.id}`);
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining(endpoint.name)]);
    await apiOf(member).ask("DELETE", `/endpoints/${endpoint.name}/bindings/${binding.id}`);
    expect((await apiOf(member).ask("DELETE", `/sessions/${binding.session.id}`)).status).toBe(204);
  }));
