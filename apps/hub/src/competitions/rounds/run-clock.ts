import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { oneByOne } from "../../platform/one-by-one.ts";
import { dueRounds } from "../store.ts";
import { closeRound } from "./close-round.ts";
import { openRound } from "./open-round.ts";

/** Opens and closes the rounds whose time has come; one that came while no hub ran is done now, once. */
export async function runClock(ctx: Context): Promise<void> {
  const due = await dueRounds(ctx.db, ctx.clock.now());
  await oneByOne(ctx, due.close, "closing rounds", (round) =>
    ctx.db.transaction((tx) => closeRound(ctx, tx, round.id)).catch(ignoreConflict),
  );
  await oneByOne(ctx, due.open, "opening rounds", (round) =>
    ctx.db.transaction((tx) => openRound(ctx, tx, round)),
  );
}

/** Somebody closed it by hand in the same moment. */
function ignoreConflict(error: unknown): void {
  if (!(error instanceof DomainError && error.code === "conflict")) throw error;
}
