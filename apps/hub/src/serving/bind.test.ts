import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember, makeTree, reload } from "../testing/factories.ts";
import { makeBinding, makeEndpoint, makeTrained, routesOf } from "../testing/serving.ts";
import { makeRollout, makeVersions, sharesAtGateways } from "../testing/traffic.ts";
import { bindModel } from "./bind.ts";
import { unbindModel } from "./unbind.ts";

test("a bound model starts as a serve session of the endpoint's team, and draws no traffic before it is ready", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const first = await makeBinding(member, endpoint, { weight: 3, max_batch: 8 });
    const second = await makeBinding(member, endpoint);

    expect(await first.serveSession()).toMatchObject({
      kind: "serve",
      state: "queued",
      teamId: member.team.id,
      checkpoint: { name: "best" },
      serving: { binding_id: first.id, max_batch: 8 },
    });
    const { bindings } = await routesOf(ctx, endpoint);
    expect(bindings.map(({ id, version, weight }) => ({ id, version, weight }))).toEqual([
      { id: first.id, version: 1, weight: 0 },
      { id: second.id, version: 2, weight: 0 },
    ]);
  }));

test("binding moves no traffic: the first version gets all, a further one none unless its weight says so", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, versions } = await makeVersions(ctx, 1);
    const second = await makeBinding(member, endpoint);
    expect((await second.reload()).weight).toBe(0);
    const third = await makeBinding(member, endpoint, { weight: 3 });
    expect((await third.reload()).weight).toBe(3);
    expect(await sharesAtGateways(ctx, endpoint)).toBe("1=1");

    for (const { id } of [...versions, third])
      await db.transaction((tx) => unbindModel(member, tx, endpoint.id, id));
    const alone = await makeBinding(member, endpoint);
    expect((await alone.reload()).weight).toBe(1);
  }));

test("a further version can be bound while a canary is under way: it has no share of it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx, 2);
    await makeRollout(member, endpoint);
    expect((await (await makeBinding(member, endpoint)).reload()).weight).toBe(0);
    await expect(makeBinding(member, endpoint, { weight: 1 })).rejects.toMatchObject({ code: "conflict" });
  }));

test("a model is served in the image and the environment that it was trained in", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const code_tree = await makeTree(member, { "main.py": "", "requirements.txt": "numpy\n" });
    const { id, environment } = await makeTrained(member, { code_tree, image: "ml:1" });
    const input = { session_id: id as `ses_${string}`, checkpoint: "best", weight: 1, max_batch: 1 };
    const endpoint = await makeEndpoint(member);
    const { sessionId } = await db.transaction((tx) => bindModel(member, tx, endpoint, member.team, input));
    expect(environment).not.toBeNull();
    expect(await reload(ctx, { id: sessionId ?? "" })).toMatchObject({ image: "ml:1", environment });
  }));

test("another team's session is not found, and neither is one that does not train", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const theirs = await makeTrained(await makeMember(ctx));
    const served = await (await makeBinding(member, endpoint)).serveSession();
    for (const { id } of [theirs, served, { id: ctx.ids.next("session") }]) {
      const input = { session_id: id as `ses_${string}`, checkpoint: "best", weight: 1, max_batch: 1 };
      await expect(
        db.transaction((tx) => bindModel(member, tx, endpoint, member.team, input)),
      ).rejects.toMatchObject({ code: "not_found" });
    }
  }));

test("a checkpoint that was never saved is not found, and the answer names those that were", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const endpoint = await makeEndpoint(member);
    const { id } = await makeTrained(member);
    const input = { session_id: id as `ses_${string}`, checkpoint: "last", weight: 1, max_batch: 1 };
    await expect(
      db.transaction((tx) => bindModel(member, tx, endpoint, member.team, input)),
    ).rejects.toMatchObject({ code: "not_found", message: expect.stringContaining("best") });
  }));
