import { DomainError } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { closeRound } from "./close-round.ts";
import { openRound } from "./open-round.ts";
import { dueRounds, listRounds } from "./store.ts";

/** Opens and closes the rounds whose time has come; one that came while no hub ran is done now, once. */
export async function runClock(ctx: Context): Promise<void> {
  const due = await dueRounds(ctx.db, ctx.clock.now());
  for (const round of due.close) {
    await ctx.db.transaction((tx) => closeRound(ctx, tx, round.id)).catch(ignoreConflict);
  }
  for (const round of due.open) {
    const before = (await listRounds(ctx.db, round.competitionId)).filter(
      (each) => each.number < round.number,
    );
    if (before.every((each) => each.state === "closed"))
      await ctx.db.transaction((tx) => openRound(ctx, tx, round));
  }
}

/** Somebody closed it by hand in the same moment. */
function ignoreConflict(error: unknown): void {
  if (!(error instanceof DomainError && error.code === "conflict")) throw error;
}
