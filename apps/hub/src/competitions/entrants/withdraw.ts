import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { recordChange } from "../history/record-change.ts";
import { emitChanged } from "./emit-changed.ts";
import { endSubmissions } from "./end-submissions.ts";
import { lockEntry, requireLeader } from "./find-entry.ts";
import { updateEntrant } from "./store.ts";

/**
 * Takes a team out of a competition, for good, until that is over: what it has under way ends, it leaves the boards and
 * gets no further round's data. Its people can't take part with another team.
 * @throws DomainError `not_found`, `forbidden` unless it leads the team, `conflict` when it is out or all is over
 */
export async function withdraw(ctx: Context, tx: Tx, name: string, team: string): Promise<{ id: string }> {
  const { competition, rounds, entrant } = await lockEntry(ctx, tx, name, team);
  await requireLeader(ctx, tx, entrant.teamId);
  if (entrant.state !== "active" && entrant.state !== "eliminated")
    throw new DomainError(
      "conflict",
      `"${team}" takes no part in "${name}" any more: it is ${entrant.state}.`,
    );
  if (rounds.every(({ state }) => state === "closed"))
    throw new DomainError("conflict", `"${name}" is over; its results stand.`);
  await updateEntrant(tx, entrant.id, { state: "withdrawn" });
  const message = `Team "${team}" has withdrawn from "${name}".`;
  await endSubmissions(ctx, tx, entrant.id, { code: "withdrawn", message, platform: false });
  await recordChange(ctx, tx, {
    competitionId: competition.id,
    entrantId: entrant.id,
    action: "withdrawn",
    details: { team, was: entrant.state },
  });
  await emitChanged(ctx, tx, entrant);
  return { id: entrant.id };
}
