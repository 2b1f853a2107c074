import { expect, test } from "bun:test";
import { apiOf } from "../testing/api.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import {
  ENDED,
  loseNodes,
  makeMember,
  makeNode,
  makeRunningSession,
  makeSession,
  place,
  report,
  reportValues,
} from "../testing/factories.ts";

test("an attempt that was lost says when, and up to where its log and metrics are there; the next one goes on", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member);
    const attempts = async () =>
      (await apiOf(member).ask("GET", `/sessions/${session.id}/attempts`)).json().items;
    await reportValues(ctx, session, { loss: 2 });
    ctx.clock.advance(1_000);
    await reportValues(ctx, session, { loss: 1 });
    const running = { number: 1, state: "running", ended_at: null, failure: null, complete: false };
    const recorded = { records: 2, recorded_until: "2026-01-01T12:00:01.000Z" };
    expect(await attempts()).toMatchObject([{ ...running, ...recorded }]);

    await loseNodes(ctx);
    const lost = {
      number: 1,
      state: "lost",
      ended_at: "2026-01-01T12:00:00.000Z",
      failure: { code: "node_lost" },
      complete: false,
      ...recorded,
    };
    expect(await attempts()).toMatchObject([lost]);
    await makeNode(ctx);
    await place(ctx);
    await report(ctx, session, { state: "running" });
    await report(ctx, session, { ...ENDED });
    const [first, second] = await attempts();
    expect(first).toMatchObject(lost);
    expect(second).toMatchObject({
      number: 2,
      state: "ended",
      exit_code: 0,
      rank: 0,
      was_ended: null,
      records: 0,
      recorded_until: null,
      complete: true,
    });
    expect(second.node).not.toBe(first.node);
  }));

test("a session that waits has none, and a stranger is told of no session", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const { id } = await makeSession(member);
    expect((await apiOf(member).ask("GET", `/sessions/${id}/attempts`)).json()).toEqual({ items: [] });
    expect((await apiOf(await makeMember(ctx)).ask("GET", `/sessions/${id}/attempts`)).status).toBe(404);
  }));
