import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition } from "../../testing/factories.ts";
import { findCompetition } from "../store.ts";
import { recordChange } from "./record-change.ts";
import { listChanges } from "./store.ts";

test("a contest's history says who did what, when and why, newest first, page by page", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    const competitionId = (await findCompetition(db, { name }))?.competition.id ?? "";
    await db.transaction(async (tx) => {
      await recordChange(organizer, tx, { competitionId, action: "paused", reason: "the data had a fault" });
      await recordChange(ctx, tx, { competitionId, action: "closed", details: { round: "round-1" } });
    });
    const [closed] = await listChanges(db, competitionId, 1, undefined);
    expect(closed).toMatchObject({
      actor: null,
      change: { action: "closed", reason: null, details: { round: "round-1" }, actorId: null },
    });
    const [paused] = await listChanges(db, competitionId, 1, closed?.change.id);
    expect(paused?.change).toMatchObject({ action: "paused", reason: "the data had a fault", details: {} });
    expect(paused?.actor).toBeString();
    expect(paused?.change.at).toEqual(ctx.clock.now());
  }));
