import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { findTeam, lockTeams, peopleOf } from "../../teams/index.ts";
import { recordChange } from "../history/record-change.ts";
import { requireOrganizer } from "./ban.ts";
import { emitChanged } from "./emit-changed.ts";
import { emitJudged } from "./emit-judged.ts";
import { lockEntry } from "./find-entry.ts";
import { enrolAll } from "./follow-members.ts";
import { grantOpened } from "./grant-opened.ts";
import { othersAhead, updateEntrant } from "./store.ts";

/**
 * Lets a banned entrant in again, with the people that its team has now: it is back on the boards, and goes on where it
 * was. If others have gone on to a later round meanwhile, it stays behind as eliminated.
 * @throws DomainError `not_found`, `forbidden`, `conflict` when it is not banned, or somebody takes part elsewhere by now
 */
export async function unban(
  ctx: Context,
  tx: Tx,
  input: { name: string; team: string; reason?: string | undefined },
): Promise<{ id: string }> {
  const { name, team, reason } = input;
  // Before the rounds, as everybody does: nobody joins or leaves the team meanwhile.
  const row = await findTeam(tx, { slug: team });
  if (row) await lockTeams(tx, [row.id]);
  const { competition, rounds, entrant } = await lockEntry(ctx, tx, name, team);
  requireOrganizer(ctx, competition);
  if (entrant.state !== "banned") throw new DomainError("conflict", `"${team}" is not banned.`);
  const state = (await othersAhead(tx, entrant)) ? "eliminated" : "active";
  await updateEntrant(tx, entrant.id, { state });
  await enrolAll(tx, entrant, name, await peopleOf(tx, entrant.teamId), ctx.clock.now());
  await grantOpened(tx, rounds, entrant, ctx.clock.now());
  const change = await recordChange(ctx, tx, {
    competitionId: competition.id,
    entrantId: entrant.id,
    action: "unbanned",
    reason,
    details: { team, is: state },
  });
  await emitChanged(ctx, tx, entrant);
  await emitJudged(ctx, tx, entrant, change);
  return { id: entrant.id };
}
