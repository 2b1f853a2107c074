import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant, makeSession } from "../../testing/factories.ts";
import { submitCheckpoint } from "../../testing/submissions.ts";
import { submissionsNaming } from "./session-uses.ts";

test("a session is named by each submission of its checkpoints; one that was never submitted by none", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const { sessionId } = await submitCheckpoint(entrant, name);
    const uses = (id: string) => db.transaction((tx) => submissionsNaming(tx, id));
    expect(await uses(sessionId ?? "")).toEqual([`it was submitted (1 to round-1 of ${name})`]);
    expect(await uses((await makeSession(entrant)).id)).toEqual([]);
  }));
