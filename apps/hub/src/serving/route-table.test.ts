import { expect, test } from "bun:test";
import { routeTableSchema } from "@podium/shared";
import { SECRET_PREFIX } from "../platform/secrets.ts";
import { apiOf } from "../testing/api.ts";
import { as, systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember, makeNode } from "../testing/factories.ts";
import { makeBinding, makeEndpoint } from "../testing/serving.ts";
import { createKey } from "./keys/create-key.ts";
import { routeTable } from "./route-table.ts";

test("gateways get hashes, never a key or a replica's token", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member, { public: true });
    const { key } = await db.transaction((tx) =>
      createKey(member, tx, { endpointId: endpoint.id }, { name: "mine" }),
    );
    const binding = await makeBinding(member, endpoint);
    await makeNode(ctx);
    await binding.place();
    await binding.loaded();

    const answer = await apiOf(as(ctx, { kind: "gateway" })).ask("GET", "/gateway/routes");
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain(key);
    expect(answer.text).not.toContain(`${SECRET_PREFIX.replica}_`);
    const [shown] = routeTableSchema.parse(answer.json()).endpoints;
    expect(shown).toMatchObject({ name: endpoint.name, team: member.team.slug, public: true });
    expect(shown?.keys[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(shown?.bindings[0]?.replica_sha256[0]).toMatch(/^[0-9a-f]{64}$/);
  }));

test("a hub without endpoints hands out an empty table at once", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    expect(await routeTable(ctx)).toEqual({ version: 0, endpoints: [] });
    const answer = await apiOf(as(ctx, { kind: "gateway" })).ask("GET", "/gateway/routes");
    expect(answer.json()).toEqual({ version: 0, endpoints: [] });
  }));

test("keys and bindings stand at their own endpoint only, also when they have expired", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const [mine, other] = [await makeEndpoint(member), await makeEndpoint(await makeMember(ctx))];
    await db.transaction((tx) =>
      createKey(member, tx, { endpointId: mine.id }, { name: "old", expires_in_days: 1 }),
    );
    const binding = await makeBinding(member, mine);
    ctx.clock.advance(3 * 86_400_000);
    const [first, second] = (await routeTable(ctx)).endpoints;
    expect(first?.keys).toMatchObject([{ expires_at: "2026-01-02T12:00:00.000Z" }]);
    expect(first?.bindings.map(({ id }) => id)).toEqual([binding.id]);
    expect(second).toMatchObject({ name: other.name, keys: [], bindings: [] });
  }));
