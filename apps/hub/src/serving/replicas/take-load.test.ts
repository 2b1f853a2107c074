import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { as, systemContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { makeMember, makeNode, report } from "../../testing/factories.ts";
import { GATEWAY_ID, gatewayLoad, makeBinding, makeEndpoint } from "../../testing/serving.ts";

test("callers that are held learn how far the next replica is", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const binding = await makeBinding(member, await makeEndpoint(member));
    const step = async () => (await gatewayLoad(ctx, binding, { queued: 1, held: true })).held[0]?.step;
    expect(await step()).toBe("queued");
    await makeNode(ctx);
    await binding.place();
    expect(await step()).toBe("placing");
    await report(ctx, binding.session, { state: "preparing" });
    expect(await step()).toBe("preparing");
    await report(ctx, binding.session, { state: "running" });
    expect(await step()).toBe("loading");
    expect((await gatewayLoad(ctx, binding, { queued: 1 })).held).toEqual([]);
  }));

test("only a binding that sleeps is woken", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const binding = await makeBinding(member, await makeEndpoint(member));
    await gatewayLoad(ctx, binding, { queued: 1, held: true });
    expect(await outboxTypes(db)).not.toContain("binding.changed");
  }));

test("only a gateway may report, and an unknown binding harms nobody", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const body = {
      gateway_id: GATEWAY_ID,
      version: 1,
      bindings: [{ binding_id: ctx.ids.next("binding"), queued: 1, in_flight: 0, held: true }],
      replicas: [],
    };
    expect((await apiOf(await makeMember(ctx)).ask("POST", "/gateway/load", body)).status).toBe(401);
    const gateway = apiOf(as(ctx, { kind: "gateway" }));
    const answer = await gateway.ask("POST", "/gateway/load", body);
    expect([answer.status, answer.json().held[0].step]).toEqual([200, "waking"]);
    expect((await gateway.ask("POST", "/gateway/load", { ...body, version: "x" })).status).toBe(400);
  }));
