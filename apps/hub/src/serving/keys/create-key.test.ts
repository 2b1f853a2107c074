import { expect, test } from "bun:test";
import { idempotencyKeys } from "../../platform/schema.ts";
import { sha256 } from "../../platform/secrets.ts";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeMember } from "../../testing/factories.ts";
import { makeEndpoint, routesOf } from "../../testing/serving.ts";

test("a key is shown once; gateways know its hash and when it expires", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const { ask } = apiOf(member);
    const forever = (await ask("POST", `/endpoints/${endpoint.name}/keys`, { name: "forever" })).json();
    const brief = (
      await ask("POST", `/endpoints/${endpoint.name}/keys`, { name: "brief", expires_in_days: 2 })
    ).json();
    expect(forever.key).not.toBe(brief.key);
    expect((await routesOf(ctx, endpoint)).keys).toMatchObject([
      { id: forever.id, sha256: sha256(forever.key), expires_at: null },
      { id: brief.id, sha256: sha256(brief.key), expires_at: "2026-01-03T12:00:00.000Z" },
    ]);
  }));

test("a revoked key is gone at once; revoking it again, or another endpoint's, is not found", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const [endpoint, other] = [await makeEndpoint(member), await makeEndpoint(member)];
    const { ask } = apiOf(member);
    const { id } = (await ask("POST", `/endpoints/${endpoint.name}/keys`, { name: "mine" })).json();
    expect((await ask("DELETE", `/endpoints/${other.name}/keys/${id}`)).status).toBe(404);
    expect((await routesOf(ctx, endpoint)).keys).toHaveLength(1);
    expect((await ask("DELETE", `/endpoints/${endpoint.name}/keys/${id}`)).status).toBe(204);
    expect((await routesOf(ctx, endpoint)).keys).toEqual([]);
    expect((await ask("DELETE", `/endpoints/${endpoint.name}/keys/${id}`)).status).toBe(404);
  }));

test("an Idempotency-Key does not keep the key's text: a retry makes another key", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const idempotency = { actor: "usr_1", key: "once", fingerprint: "same" };
    const { ask } = apiOf({ ...member, idempotency });
    const make = async () => (await ask("POST", `/endpoints/${endpoint.name}/keys`, { name: "mine" })).json();
    const first = await make();
    const second = await make();
    expect(first.key).not.toBe(second.key);
    expect(await db.select().from(idempotencyKeys)).toEqual([]);
  }));
