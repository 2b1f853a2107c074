import { DomainError } from "@podium/shared";
import { discardGranted } from "../../data/index.ts";
import { asSystem, type Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { oneByOne } from "../../platform/one-by-one.ts";
import { organizedCompetition } from "../definition/organized.ts";
import { lockCompetition, lockRounds } from "../definition/store.ts";
import { endSubmissions } from "../entrants/end-submissions.ts";
import { lockEntrants } from "../store.ts";
import { abandonedRehearsals, deleteContest, deleteRounds, entrantsOf } from "./store.ts";

/** What a later domain does to forget a contest: it deletes all rows that name its rounds, entrants and submissions. */
export type ForgetContest = (tx: Tx, competitionId: string) => Promise<void>;

/** Who rehearses has long left by then. */
const ABANDONED_MS = 6 * 3_600_000;

/**
 * Ends a rehearsal and takes all of it away: what is under way is stopped, and its rows and datasets go. Its sessions stay
 * in its team's list, and what they cost in the ledger. @throws DomainError `not_found`, `forbidden`, `conflict` for a contest
 */
export async function endRehearsal(
  ctx: Context,
  tx: Tx,
  name: string,
  forget: readonly ForgetContest[],
): Promise<void> {
  const { competition } = await organizedCompetition(ctx, tx, name);
  if (!competition.rehearsal)
    throw new DomainError("conflict", `"${name}" is no rehearsal: a contest and its results stay.`);
  await takeAway(ctx, tx, competition.id, forget);
}

/** Ends the rehearsals that nobody has ended for six hours, each in a transaction of its own. */
export async function endAbandoned(ctx: Context, forget: readonly ForgetContest[]): Promise<void> {
  const before = new Date(ctx.clock.now().getTime() - ABANDONED_MS);
  await oneByOne(ctx, await abandonedRehearsals(ctx.db, before), "ending rehearsals", ({ id }) =>
    ctx.db.transaction((tx) => takeAway(asSystem(ctx), tx, id, forget)),
  );
}

async function takeAway(ctx: Context, tx: Tx, id: string, forget: readonly ForgetContest[]): Promise<void> {
  // Somebody else took it away meanwhile.
  if (!(await lockCompetition(tx, id))) return;
  const rounds = await lockRounds(tx, id);
  await lockEntrants(tx, id);
  const fault = { code: "withdrawn", message: "The rehearsal is over.", platform: true };
  for (const entrant of await entrantsOf(tx, id)) await endSubmissions(ctx, tx, entrant.id, fault);
  for (const each of forget) await each(tx, id);
  await deleteRounds(tx, id);
  for (const { datasetId } of rounds) await discardGranted(tx, datasetId);
  await deleteContest(tx, id);
}
