import { expect, test } from "bun:test";
import { createStreamSchema } from "@podium/shared";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { ENDED, type Member, makeMember, makeRunningSession, makeSession } from "../../testing/factories.ts";
import { makeRunningGang, members, reportMember } from "../../testing/gangs.ts";
import { updateSession } from "../store.ts";
import { streamsOf } from "./awaited.ts";
import { openStream } from "./open.ts";
import { findStream, markStream } from "./store.ts";

const open = (member: Member, id: string, input: Record<string, unknown> = { kind: "sh" }) =>
  member.db.transaction((tx) => openStream(member, tx, id, createStreamSchema.parse(input)));

test("a node is told of a stream while somebody waits at it, until its runner has dialled in", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member);
    const id = await open(member, session.id, { kind: "exec", code: "1 + 1" });
    const told = async () => (await streamsOf(ctx, session.nodeId ?? "")).map((each) => each.stream_id);
    expect(await told()).toEqual([]);
    expect(await markStream(db, id, "waitingAt", ctx.clock.now())).toBe(true);
    expect(await told()).toEqual([id]);
    expect(await markStream(db, id, "waitingAt", ctx.clock.now())).toBe(false);
    ctx.clock.advance(31_000);
    expect(await told()).toEqual([]);
    ctx.clock.advance(-31_000);
    expect(await markStream(db, id, "joinedAt", ctx.clock.now())).toBe(true);
    expect(await told()).toEqual([]);
  }));

test("only who owns a session that runs enters it; nobody enters what sees hidden data", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [member, stranger] = [await makeMember(ctx), await makeMember(ctx)];
    const session = await makeRunningSession(member);
    await expect(open(stranger, session.id)).rejects.toMatchObject({ code: "not_found" });
    const waiting = await makeSession(member);
    await expect(open(member, waiting.id)).rejects.toMatchObject({ code: "conflict" });
    await db.transaction((tx) => updateSession(tx, session.id, { hidden: true }));
    const admin = await makeMember(ctx, "admin");
    await expect(open(admin, session.id)).rejects.toMatchObject({ code: "forbidden" });
    expect(createStreamSchema.safeParse({ kind: "exec" }).success).toBe(false);
    expect(createStreamSchema.safeParse({ kind: "sh", code: "1" }).success).toBe(false);
  }));

test("of a gang any member that runs is entered, at its own node", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningGang(member);
    const [zero, one] = await members(ctx, session);
    const nodeOf = async (rank: number) =>
      (await findStream(db, await open(member, session.id, { kind: "sh", rank })))?.nodeId;
    expect([await nodeOf(0), await nodeOf(1)]).toEqual([zero?.nodeId, one?.nodeId]);
    await expect(open(member, session.id, { kind: "sh", rank: 2 })).rejects.toThrow("there is no member 2");
    await reportMember(ctx, session, 1, { ...ENDED });
    await expect(open(member, session.id, { kind: "sh", rank: 1 })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await nodeOf(0)).toBe(zero?.nodeId);
    const lone = await makeRunningSession(member);
    await expect(open(member, lone.id, { kind: "sh", rank: 1 })).rejects.toThrow("no other members");
    expect(createStreamSchema.safeParse({ kind: "sh", rank: -1 }).success).toBe(false);
  }));
