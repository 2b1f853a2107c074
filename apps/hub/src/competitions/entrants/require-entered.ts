import { DomainError } from "@podium/shared";
import type { CompetitionRow, EntrantRow } from "../store.ts";
import { requireTermsKept } from "./terms.ts";

/**
 * What a locked entrant has to be, beside active, to submit for this team: still that team's, and agreed to the terms as
 * they are. @throws DomainError `not_an_entrant`, `conflict`
 */
export function requireEntered(
  competition: CompetitionRow,
  entrant: EntrantRow,
  team: { id: string; slug: string },
): void {
  // A merge may have given it to a new team while this waited for its lock.
  if (entrant.teamId !== team.id)
    throw new DomainError(
      "not_an_entrant",
      `Team "${team.slug}" takes part in "${competition.name}" as another team now: submit for that (--team).`,
    );
  requireTermsKept(competition, entrant, team.slug);
}
