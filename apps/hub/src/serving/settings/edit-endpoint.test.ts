import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { makeMember } from "../../testing/factories.ts";
import { makeEndpoint, routesOf } from "../../testing/serving.ts";

test("what is named changes and gateways are told; what is left out stays, and null takes a limit away", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const { ask } = apiOf(member);
    const edit = (body: object) => ask("PATCH", `/endpoints/${endpoint.name}`, body);
    const rate = { per_second: 10, burst: 20 };
    const before = (await outboxTypes(db)).length;
    const first = await edit({ rate, cors_origins: ["https://shop.test"], timeout_ms: 5_000 });
    expect(first.status).toBe(200);
    const settings = {
      public: false,
      timeout_ms: 5_000,
      max_queue: 2048,
      max_body_bytes: 8 * 1024 ** 2,
      cors_origins: ["https://shop.test"],
      rate,
      address_rate: null,
    };
    expect(first.json()).toEqual(settings);
    expect((await ask("GET", `/endpoints/${endpoint.name}`)).json().settings).toEqual(settings);
    expect(await routesOf(ctx, endpoint)).toMatchObject({ rate, timeout_ms: 5_000 });

    await edit({ rate: null, public: true, max_body_bytes: 1000 });
    const shown = await routesOf(ctx, endpoint);
    expect(shown).toMatchObject({ public: true, max_body_bytes: 1000, cors_origins: ["https://shop.test"] });
    expect(shown.rate).toBeUndefined();
    await edit({});
    expect((await outboxTypes(db)).slice(before)).toEqual(["routes.changed", "routes.changed"]);
  }));

test("values that can't be meant are refused with the field's name, and nothing changes", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    for (const [field, value] of [
      ["timeout_ms", 10],
      ["max_body_bytes", 1024 ** 3],
      ["cors_origins", ["https://shop.test/"]],
      ["cors_origins", ["shop.test"]],
      ["cors_origins", ["null"]],
      ["cors_origins", ["https://a.test, https://b.test"]],
      ["rate", { per_second: -1, burst: 1 }],
      ["name", "other"],
    ] as const) {
      const answer = await apiOf(member).ask("PATCH", `/endpoints/${endpoint.name}`, { [field]: value });
      expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(field)]);
    }
    const other = apiOf(await makeMember(ctx));
    expect((await other.ask("PATCH", `/endpoints/${endpoint.name}`, { public: true })).status).toBe(404);
    expect(await routesOf(ctx, endpoint)).toMatchObject({ public: false, cors_origins: [] });
  }));
