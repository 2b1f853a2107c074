import { expect, test } from "bun:test";
import { createStreamSchema } from "@podium/shared";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeMember, makeRunningSession, makeSession } from "../../testing/factories.ts";
import { updateSession } from "../store.ts";
import { streamsOf } from "./awaited.ts";
import { openStream } from "./open.ts";
import { markStream } from "./store.ts";

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
