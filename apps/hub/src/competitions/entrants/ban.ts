import { DomainError } from "@podium/shared";
import { type Context, mayUseTeam } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { recordChange } from "../history/record-change.ts";
import type { CompetitionRow } from "../store.ts";
import { emitChanged } from "./emit-changed.ts";
import { emitJudged } from "./emit-judged.ts";
import { endSubmissions } from "./end-submissions.ts";
import { lockEntry } from "./find-entry.ts";
import { updateEntrant } from "./store.ts";

/**
 * Excludes an entrant, by the organizer, at any time: what it has under way ends, it leaves the boards and gets no
 * further round's data. `unban` takes it back.
 * @throws DomainError `not_found`, `forbidden`, `conflict` when it is banned already or takes no part
 */
export async function ban(
  ctx: Context,
  tx: Tx,
  input: { name: string; team: string; reason: string },
): Promise<{ id: string }> {
  const { name, team, reason } = input;
  const { competition, entrant } = await lockEntry(ctx, tx, name, team);
  requireOrganizer(ctx, competition);
  if (entrant.state !== "active" && entrant.state !== "eliminated")
    throw new DomainError("conflict", `"${team}" can't be banned: it is ${entrant.state} already.`);
  await updateEntrant(tx, entrant.id, { state: "banned" });
  const message = `The organizer of "${name}" has excluded team "${team}": ${reason}`;
  await endSubmissions(ctx, tx, entrant.id, { code: "banned", message, platform: false });
  const change = await recordChange(ctx, tx, {
    competitionId: competition.id,
    entrantId: entrant.id,
    action: "banned",
    reason,
    details: { team, was: entrant.state },
  });
  await emitChanged(ctx, tx, entrant);
  await emitJudged(ctx, tx, entrant, change);
  return { id: entrant.id };
}

/** @throws DomainError `forbidden` */
export function requireOrganizer(ctx: Context, { teamId }: CompetitionRow): void {
  if (!mayUseTeam(ctx, teamId))
    throw new DomainError("forbidden", "Only the organizer of this competition may do that.");
}
