import { expect, test } from "bun:test";
import { sha256 } from "../../platform/secrets.ts";
import { apiOf } from "../../testing/api.ts";
import { as, systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeMember } from "../../testing/factories.ts";
import { makeEndpoint, routesOf } from "../../testing/serving.ts";

test("a key of a team opens all of its endpoints, those made later too, and no other team's", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const first = await makeEndpoint(member);
    const keys = `/teams/${member.team.slug}/endpoint-keys`;
    const { ask } = apiOf(member);
    const { id, key } = (await ask("POST", keys, { name: "all", scopes: ["infer"], versions: [2] })).json();
    const second = await makeEndpoint(member);
    const theirs = await makeEndpoint(await makeMember(ctx));

    const shown = { id, sha256: sha256(key), scopes: ["infer"], versions: [2] };
    for (const endpoint of [first, second])
      expect((await routesOf(ctx, endpoint)).keys).toMatchObject([shown]);
    expect((await routesOf(ctx, theirs)).keys).toEqual([]);
    expect((await ask("GET", keys)).json().items).toMatchObject([{ id, endpoint: null }]);
    expect((await ask("GET", `/endpoints/${first.name}/keys`)).json().items).toEqual([]);

    expect((await ask("DELETE", `/endpoints/${first.name}/keys/${id}`)).status).toBe(404);
    expect((await ask("DELETE", `${keys}/${id}`)).status).toBe(204);
    expect((await routesOf(ctx, first)).keys).toEqual([]);
  }));

test("only who may change a team makes, rotates and revokes its keys; a plain member sees them", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const owner = await makeMember(ctx);
    const keys = `/teams/${owner.team.slug}/endpoint-keys`;
    const { id } = (await apiOf(owner).ask("POST", keys, { name: "all" })).json();
    const teams = [{ ...owner.team, role: "member" as const, personal: false }];
    const member = as(ctx, { kind: "user", userId: ctx.ids.next("user"), role: "participant", teams });
    const { ask } = apiOf(member);
    expect((await ask("GET", keys)).json().items).toHaveLength(1);
    for (const [method, path, body] of [
      ["POST", keys, { name: "x" }],
      ["POST", `${keys}/${id}/rotate`, {}],
      ["DELETE", `${keys}/${id}`, undefined],
    ] as const)
      expect((await ask(method, path, body)).status).toBe(403);
    const stranger = apiOf(await makeMember(ctx));
    expect((await stranger.ask("GET", keys)).status).toBe(403);
    expect((await apiOf(as(ctx, { kind: "anonymous" })).ask("GET", keys)).status).toBe(401);
  }));

test("scopes, versions, rates and quotas that make no sense are refused with the field's name", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const { ask } = apiOf(member);
    const endpoint = await makeEndpoint(member);
    for (const [field, value] of [
      ["scopes", []],
      ["scopes", ["everything"]],
      ["versions", [0]],
      ["rate", { per_second: 0, burst: 1 }],
      ["rate", { per_second: 1 }],
      ["calls_per_day", 0],
      ["calls_per_month", 1.5],
      ["secret", "mine"],
    ] as const) {
      const answer = await ask("POST", `/endpoints/${endpoint.name}/keys`, { name: "k", [field]: value });
      expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(field)]);
    }
    expect((await ask("GET", `/endpoints/${endpoint.name}/keys`)).json().items).toEqual([]);
  }));
