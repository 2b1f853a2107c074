import { expect, test } from "bun:test";
import { findNode } from "../../nodes/index.ts";
import { apiOf } from "../../testing/api.ts";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { ENDED, type Member, makeMember, makeSession, place, reload } from "../../testing/factories.ts";
import { makeGangNode, makeRunningGang, members, reportMember } from "../../testing/gangs.ts";
import { migrateSession } from "./migrate.ts";

const leave = (member: Member, { id }: { id: string }, from?: string, node?: string) =>
  member.db.transaction((tx) => migrateSession(member, tx, id, node, from));
const nameOf = async (ctx: TestContext, id = "") => (await findNode(ctx.db, { id }))?.name ?? "";

test("a gang leaves one of its nodes by way of a checkpoint, and starts anew as one on the others", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningGang(member);
    const [first, second] = await members(ctx, session);
    const from = await nameOf(ctx, second?.nodeId);
    await expect(leave(member, session, from)).rejects.toThrow("room for 1 of its 2 members");
    const other = await makeGangNode(ctx);
    expect(await leave(member, session, from)).toMatchObject({ state: "stopping", afterStop: "queued" });
    for (const rank of [0, 1])
      await reportMember(ctx, session, rank, { ...ENDED, exit_code: 143, was_ended: true });
    await place(ctx);
    const after = await members(ctx, session);
    expect(after.map(({ nodeId }) => nodeId).sort()).toEqual([first?.nodeId ?? "", other].sort());
    expect(await reload(ctx, session)).toMatchObject({ state: "placing", moveTo: null });
  }));

test("while a gang saves, the others are told to stay until rank 0 is over, and are told of that at once", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningGang(member);
    await makeGangNode(ctx);
    const [, second] = await members(ctx, session);
    const toldOf = async () => (await reportMember(ctx, session, 1)).attempts[0];
    await leave(member, session, await nameOf(ctx, second?.nodeId));
    const before = (await outboxTypes(db)).length;
    expect(await toldOf()).toMatchObject({ desired: "stop", gang: { first_is_over: false } });
    await reportMember(ctx, session, 0, { ...ENDED, exit_code: 143, was_ended: true });
    expect((await outboxTypes(db)).slice(before)).toContain("session.stopping");
    expect(await toldOf()).toMatchObject({
      desired: "stop",
      grace_ms: 10_000,
      gang: { first_is_over: true },
    });
  }));

test("which node it leaves must be said, and be one of its own; nobody else moves it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningGang(member);
    const names = await Promise.all((await members(ctx, session)).map(({ nodeId }) => nameOf(ctx, nodeId)));
    const other = await nameOf(ctx, await makeGangNode(ctx, 2));
    await expect(leave(member, session)).rejects.toThrow(`of ${names.sort().join(" and ")} (podium migrate`);
    await expect(leave(member, session, undefined, other)).rejects.toThrow("say which of its nodes");
    await expect(leave(member, session, other)).rejects.toThrow("No member of this session is on");
    await expect(leave(member, session, "nowhere")).rejects.toMatchObject({ code: "not_found" });
    await expect(leave(await makeMember(ctx), session, names[0])).rejects.toMatchObject({
      code: "not_found",
    });
    const both = await apiOf(member).ask("POST", `/sessions/${session.id}/migrate`, {
      node: other,
      from: names[0],
    });
    expect(both.status).toBe(400);
    expect((await reload(ctx, session)).state).toBe("running");
  }));

test("one that waits is kept from a node", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const [kept, ...others] = [await makeGangNode(ctx), await makeGangNode(ctx), await makeGangNode(ctx)];
    const session = await makeSession(member, { nodes: 2, resources: { gpus: 1 } });
    await leave(member, session, await nameOf(ctx, kept));
    await place(ctx);
    expect((await members(ctx, session)).map(({ nodeId }) => nodeId).sort()).toEqual(others.sort());
  }));
