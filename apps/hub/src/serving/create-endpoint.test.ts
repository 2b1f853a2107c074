import { expect, test } from "bun:test";
import { apiOf } from "../testing/api.ts";
import { as, systemContext } from "../testing/context.ts";
import { outboxTypes, withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { makeEndpoint, routesOf } from "../testing/serving.ts";

test("a new endpoint is its team's, has no address yet, and gateways are told", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const { ask } = apiOf(member);
    const answer = await ask("POST", "/endpoints", { name: "ratings" });
    expect(answer.status).toBe(201);
    const endpoint = answer.json();
    expect(endpoint).toMatchObject({
      name: "ratings",
      team: member.team.slug,
      public: false,
      urls: [],
      bindings: [],
    });
    expect(await routesOf(ctx, endpoint)).toMatchObject({ name: "ratings", public: false, bindings: [] });
    expect(await outboxTypes(db)).toEqual(["routes.changed"]);
  }));

test.each(["v1", "v2", "replicas", "healthz", "readyz", "metrics"])(
  "the name %s is refused: the gateway answers there itself",
  (name) =>
    withRollback(async (db) => {
      const { ask } = apiOf(await makeMember(systemContext(db)));
      const answer = await ask("POST", "/endpoints", { name });
      expect(answer.status).toBe(400);
      expect(answer.text).toContain("a path of the gateway itself");
      expect((await ask("GET", "/endpoints")).json().items).toEqual([]);
    }),
);

test("a taken name conflicts, whoever has it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeEndpoint(await makeMember(ctx));
    const answer = await apiOf(await makeMember(ctx)).ask("POST", "/endpoints", { name });
    expect(answer.status).toBe(409);
    expect(answer.text).toContain("Choose another name.");
  }));

test("another team's endpoint is not found, whatever is asked of it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const endpoint = await makeEndpoint(await makeMember(ctx));
    const { ask } = apiOf(await makeMember(ctx));
    const at = `/endpoints/${endpoint.name}`;
    const binding = { session_id: ctx.ids.next("session"), checkpoint: "best" };
    const answers = [
      await ask("GET", at),
      await ask("POST", `${at}/keys`, { name: "mine" }),
      await ask("DELETE", `${at}/keys/${ctx.ids.next("endpointKey")}`),
      await ask("POST", `${at}/bindings`, binding),
      await ask("DELETE", `${at}/bindings/${ctx.ids.next("binding")}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    expect((await ask("GET", "/endpoints")).json().items).toEqual([]);
  }));

test("only members make endpoints, and only gateways read the routes", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const nobody = apiOf(as(ctx, { kind: "anonymous" }));
    expect((await nobody.ask("POST", "/endpoints", { name: "ratings" })).status).toBe(401);
    const member = apiOf(await makeMember(ctx));
    for (const { ask } of [nobody, member]) expect((await ask("GET", "/gateway/routes")).status).toBe(401);
  }));
