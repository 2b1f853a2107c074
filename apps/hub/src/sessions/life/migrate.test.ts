import { expect, test } from "bun:test";
import { findNode } from "../../nodes/index.ts";
import { apiOf } from "../../testing/api.ts";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import {
  heartbeat,
  type Member,
  makeMember,
  makeNode,
  makeRunningSession,
  makeSession,
  place,
  reload,
} from "../../testing/factories.ts";
import { ends } from "../../testing/life.ts";
import { whyWaiting } from "../why.ts";
import { migrateSession } from "./migrate.ts";

const migrate = (member: Member, { id }: { id: string }, node?: string) =>
  member.db.transaction((tx) => migrateSession(member, tx, id, node));
const nameOf = async (ctx: TestContext, id: string | null) =>
  (await findNode(ctx.db, { id: id ?? "" }))?.name ?? "";

test("a session moves away from its node by way of a checkpoint, and never back by itself", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member);
    await expect(migrate(member, session)).rejects.toThrow("there is no other node");
    const other = await makeNode(ctx);
    expect(await migrate(member, session)).toMatchObject({ state: "stopping", afterStop: "queued" });
    await ends(ctx, session);
    await place(ctx);
    expect(await reload(ctx, session)).toMatchObject({ state: "placing", nodeId: other, moveTo: null });
    await heartbeat(ctx, other);
  }));

test("a session goes to the node that is named, and waits for it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeSession(member);
    const [wanted] = [await makeNode(ctx), await makeNode(ctx)];
    await expect(migrate(member, session)).rejects.toThrow("name the one");
    await expect(migrate(member, session, "nowhere")).rejects.toMatchObject({ code: "not_found" });
    const nodeName = await nameOf(ctx, wanted);
    await migrate(member, session, nodeName);
    const admin = apiOf(await makeMember(ctx, "admin"));
    await admin.ask("POST", `/nodes/${nodeName}/drain`);
    await place(ctx);
    const why = await whyWaiting(ctx, await reload(ctx, session));
    expect(why.state).toBe("queued");
    expect(why.nodes.map(({ reason }) => reason)).toContain("it shall move to another node");
    await admin.ask("POST", `/nodes/${nodeName}/resume`);
    await place(ctx);
    expect((await reload(ctx, session)).nodeId).toBe(wanted);
    await expect(migrate(member, session, await nameOf(ctx, wanted))).rejects.toThrow("already");
  }));

test("a node that could never take it is refused with the reason", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, { resources: { gpus: 1 } });
    const bare = await makeNode(ctx);
    await expect(migrate(member, session, await nameOf(ctx, bare))).rejects.toThrow("0 of 1 devices");
    expect((await reload(ctx, session)).state).toBe("running");
  }));
