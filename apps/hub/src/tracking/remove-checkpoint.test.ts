import { expect, test } from "bun:test";
import { apiOf } from "../testing/api.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import {
  ENDED,
  makeCheckpoint,
  makeCompetition,
  makeEntrant,
  makeMember,
  makeRunningSession,
  reload,
  report,
} from "../testing/factories.ts";
import { submitCheckpoint } from "../testing/submissions.ts";

const pathOf = ({ id }: { id: string }, name: string) =>
  `/sessions/${id}/checkpoints?name=${encodeURIComponent(name)}`;

test("a checkpoint goes; the session then goes on from the one before, and from the latest while it runs nothing takes it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member);
    await makeCheckpoint(member, session, "../a b");
    ctx.clock.advance(1_000);
    await makeCheckpoint(member, session, "last");
    const { ask } = apiOf(member);
    const refused = await ask("DELETE", pathOf(session, "last"));
    expect([refused.status, refused.json().detail]).toEqual([
      409,
      expect.stringContaining("goes on from it"),
    ]);

    await report(ctx, session, ENDED);
    expect((await ask("DELETE", pathOf(session, "last"))).status).toBe(204);
    expect((await reload(ctx, session)).latestCheckpoint?.name).toBe("../a b");
    expect((await ask("DELETE", pathOf(session, "last"))).json().detail).toContain("It has: ../a b.");
    expect((await ask("DELETE", pathOf(session, "../a b"))).status).toBe(204);
    expect((await reload(ctx, session)).latestCheckpoint).toBeNull();
    expect((await ask("GET", `/sessions/${session.id}/checkpoints`)).json()).toEqual({ items: [] });
  }));

test("what was submitted stays, and so does what is another team's", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const session = { id: (await submitCheckpoint(entrant, name)).sessionId ?? "" };
    await makeCheckpoint(entrant, session, "other");
    await makeCheckpoint(entrant, session, "newest");
    const refused = await apiOf(entrant).ask("DELETE", pathOf(session, "best"));
    expect([refused.status, refused.json().detail]).toEqual([
      409,
      `Checkpoint "best" is needed: it was submitted (1 to round-1 of ${name}).`,
    ]);
    const stranger = await makeMember(ctx);
    expect((await apiOf(stranger).ask("DELETE", pathOf(session, "other"))).status).toBe(404);
    expect((await apiOf(entrant).ask("DELETE", pathOf(session, "other"))).status).toBe(204);
  }));
