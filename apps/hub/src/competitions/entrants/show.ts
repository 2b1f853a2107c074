import type { CompetitionDefinition, Entrant, Id } from "@podium/shared";
import type { Db, Tx } from "../../platform/database.ts";
import { listShownEntrants, type ShownEntrant } from "./store.ts";
import { hasAgreed } from "./terms.ts";

export function showEntrant(definition: CompetitionDefinition, row: ShownEntrant): Entrant {
  const { entrant, team, members, mergedInto } = row;
  return {
    id: entrant.id as Id<"entrant">,
    team,
    round: entrant.round,
    state: entrant.state,
    members,
    merged_into: mergedInto,
    agreed: hasAgreed(definition, entrant),
    joined_at: entrant.joinedAt.toISOString(),
  };
}

/** One entrant as the API shows it. */
export async function shownEntrant(
  db: Db | Tx,
  definition: CompetitionDefinition,
  id: string,
): Promise<Entrant> {
  const [row] = await listShownEntrants(db, { id });
  if (!row) throw new Error(`Entrant ${id} is gone.`);
  return showEntrant(definition, row);
}
