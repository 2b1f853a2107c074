import { expect, test } from "bun:test";
import { sha256 } from "../../platform/secrets.ts";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeMember } from "../../testing/factories.ts";
import { makeEndpoint, routesOf } from "../../testing/serving.ts";

const NOW = "2026-01-01T12:00:00.000Z";
const HOUR_LATER = "2026-01-01T13:00:00.000Z";

test("a rotated key has a new secret; the old one opens until the overlap ends, and not a moment longer", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const { ask } = apiOf(member);
    const keys = `/endpoints/${endpoint.name}/keys`;
    const first = (await ask("POST", keys, { name: "shop", calls_per_day: 5 })).json();
    const second = (await ask("POST", `${keys}/${first.id}/rotate`, { overlap_seconds: 3600 })).json();

    expect(second.id).toBe(first.id);
    expect(second.key).toMatch(/^pdk_/);
    const shown = async () =>
      (await routesOf(ctx, endpoint)).keys.map((key) => [key.id, key.sha256, key.expires_at]);
    expect(await shown()).toEqual([
      [first.id, sha256(second.key), null],
      [first.id, sha256(first.key), HOUR_LATER],
    ]);
    expect((await routesOf(ctx, endpoint)).keys.map((key) => key.calls_per_day)).toEqual([5, 5]);
    expect((await ask("GET", keys)).json().items).toMatchObject([
      { id: first.id, name: "shop", old_secret_until: HOUR_LATER },
    ]);

    ctx.clock.advance(3_600_000);
    expect(await shown()).toEqual([[first.id, sha256(second.key), null]]);
    const third = (await ask("POST", `${keys}/${first.id}/rotate`, {})).json();
    expect(await shown()).toEqual([[first.id, sha256(third.key), null]]);
  }));

test("an old secret never outlives its key; a key that has expired can't be rotated", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const { ask } = apiOf(member);
    const keys = `/endpoints/${endpoint.name}/keys`;
    const { id } = (await ask("POST", keys, { name: "brief", expires_in_days: 1 })).json();
    expect((await ask("POST", `${keys}/${id}/rotate`, { overlap_seconds: 30 * 86_400 })).status).toBe(200);
    const until = (await routesOf(ctx, endpoint)).keys.map((key) => key.expires_at);
    expect(until).toEqual(["2026-01-02T12:00:00.000Z", "2026-01-02T12:00:00.000Z"]);
    ctx.clock.advance(86_400_000);
    const late = await ask("POST", `${keys}/${id}/rotate`, {});
    expect([late.status, late.text]).toEqual([409, expect.stringContaining("expired")]);
  }));

test("a key of another endpoint, and an overlap of forever, are refused and change nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const [mine, other] = [await makeEndpoint(member), await makeEndpoint(member)];
    const { ask } = apiOf(member);
    const { id, key } = (await ask("POST", `/endpoints/${mine.name}/keys`, { name: "k" })).json();
    expect((await ask("POST", `/endpoints/${other.name}/keys/${id}/rotate`, {})).status).toBe(404);
    const forever = await ask("POST", `/endpoints/${mine.name}/keys/${id}/rotate`, { overlap_seconds: 1e9 });
    expect(forever.status).toBe(400);
    expect((await routesOf(ctx, mine)).keys).toMatchObject([{ sha256: sha256(key), expires_at: null }]);
    expect((await ask("GET", `/endpoints/${mine.name}/keys`)).json().items[0].created_at).toBe(NOW);
  }));
