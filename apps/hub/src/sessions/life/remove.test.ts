import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant, makeMember, makeSession, reload } from "../../testing/factories.ts";
import { submitCheckpoint } from "../../testing/submissions.ts";
import { stopSession } from "../stop.ts";
import { removeSession } from "./remove.ts";

test("a session that has ended is removed for everybody; one that is under way is not", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeSession(member);
    const remove = () => db.transaction((tx) => removeSession(member, tx, session.id, []));
    await expect(remove()).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("queued"),
    });
    await db.transaction((tx) => stopSession(member, tx, session.id, "asked"));
    const stranger = await makeMember(ctx);
    await expect(db.transaction((tx) => removeSession(stranger, tx, session.id, []))).rejects.toMatchObject({
      code: "not_found",
    });
    await remove();
    for (const who of [member, await makeMember(ctx, "admin")]) {
      const { ask } = apiOf(who);
      expect((await ask("GET", `/sessions/${session.id}`)).status).toBe(404);
      expect((await ask("GET", "/sessions")).json().items).toEqual([]);
      expect((await ask("DELETE", `/sessions/${session.id}`)).status).toBe(404);
    }
    expect((await reload(ctx, session)).name).toBe(session.name);
  }));

test("what was submitted stays, with the submissions that name it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const { sessionId } = await submitCheckpoint(entrant, name);
    await db.transaction((tx) => stopSession(entrant, tx, sessionId ?? "", "asked"));
    const answer = await apiOf(entrant).ask("DELETE", `/sessions/${sessionId}`);
    expect(answer.status).toBe(409);
    expect(answer.json().detail).toContain(`it was submitted (1 to round-1 of ${name})`);
  }));
