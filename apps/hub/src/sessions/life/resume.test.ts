import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import {
  type Member,
  makeCheckpoint,
  makeMember,
  makeRunningSession,
  place,
  reload,
} from "../../testing/factories.ts";
import { ends, holdCheckpoint, saves } from "../../testing/life.ts";
import { stopSession } from "../stop.ts";
import { pauseSession } from "./pause.ts";
import { resumeSession } from "./resume.ts";

const resume = (member: Member, { id }: { id: string }) =>
  member.db.transaction((tx) => resumeSession(member, tx, id, holdCheckpoint));

test("a paused session goes on itself, from what it saved", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member);
    await expect(resume(member, session)).rejects.toMatchObject({ code: "conflict" });
    await db.transaction((tx) => pauseSession(member, tx, session.id));
    await expect(resume(member, session)).rejects.toThrow("Wait until it is paused");
    await saves(ctx, session, "preempted");
    await ends(ctx, session, 1);
    expect(await resume(member, session)).toMatchObject({
      id: session.id,
      state: "queued",
      stopReason: null,
    });
    await place(ctx);
    expect(await reload(ctx, session)).toMatchObject({ state: "placing", checkpoint: { name: "preempted" } });
  }));

test("of a session that has ended, a new one goes on from its latest checkpoint and says so", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, { args: ["--epochs", "9"], memo: "first" });
    await makeCheckpoint(member, session, "last");
    await db.transaction((tx) => stopSession(member, tx, session.id, "asked"));
    await ends(ctx, session);
    const next = await resume(member, session);
    expect(next.id).not.toBe(session.id);
    expect(next).toMatchObject({
      state: "queued",
      args: ["--epochs", "9"],
      checkpoint: { name: "last" },
      forkedFrom: { session_id: session.id, name: session.name, checkpoint: "last" },
    });
    expect((await reload(ctx, session)).state).toBe("stopped");
  }));
