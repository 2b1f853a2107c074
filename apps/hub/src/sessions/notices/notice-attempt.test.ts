import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import {
  ENDED,
  heartbeat,
  makeMember,
  makeRunningSession,
  report,
  reportOf,
} from "../../testing/factories.ts";
import { noticeAttempt } from "./notice-attempt.ts";

test("what is wrong with a session shows with it and reaches its node, until it is over or the session has ended", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member);
    const notice = { kind: "session.stalled", text: "It does nothing." } as const;
    const say = (what: typeof notice | null) =>
      db.transaction((tx) => noticeAttempt(ctx, tx, session.attemptId ?? "", what));
    const shown = async () => (await apiOf(member).ask("GET", `/sessions/${session.id}`)).json().notice;
    const told = async () =>
      (await heartbeat(ctx, session.nodeId, [reportOf(ctx, session)])).attempts[0]?.notice;

    expect([await shown(), await told()]).toEqual([null, null]);
    await say(notice);
    expect([await shown(), await told()]).toEqual([notice, notice.text]);
    expect((await outboxTypes(db)).at(-1)).toBe("session.changed");
    await say(null);
    expect([await shown(), await told()]).toEqual([null, null]);

    await say(notice);
    await report(ctx, session, ENDED);
    expect(await shown()).toBeNull();
    const before = (await outboxTypes(db)).length;
    await say(notice);
    expect([await shown(), (await outboxTypes(db)).length]).toEqual([null, before]);
  }));
