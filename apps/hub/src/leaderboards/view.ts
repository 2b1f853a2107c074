import {
  type BoardName,
  type CompetitionDefinition,
  DomainError,
  durationMs,
  type RoundDefinition,
} from "@podium/shared";

/** What of a round decides how its boards are shown. */
export interface RoundState {
  definition: RoundDefinition;
  closesAt: Date | null;
  revealedAt: Date | null;
  revealedRank: number | null;
}

/** Which board somebody is shown, and how much of it. */
export interface View {
  board: BoardName;
  /** as it stood then; null: as it stands */
  at: Date | null;
  /** from this rank down; null: all of it */
  fromRank: number | null;
  /** columns that only the organizer sees are left in */
  hidden: boolean;
  /** who goes on is shown */
  fates: boolean;
}

/** Since when the public board stands still for all but the organizer; null when it moves. */
export function frozenAt(round: RoundState, now: Date): Date | null {
  const { freeze } = round.definition;
  if (freeze === undefined || round.closesAt === null || round.revealedAt !== null) return null;
  const at = new Date(round.closesAt.getTime() - durationMs(freeze));
  return now >= at ? at : null;
}

/**
 * What a viewer is shown. Without a wish: the final board from the first step of its reveal on, before it the public one.
 * @throws DomainError `forbidden` for a final board that is not revealed, `invalid_request` for a time to come
 */
export function viewOf(
  round: RoundState,
  organizes: boolean,
  now: Date,
  wish: { board?: BoardName | undefined; at?: Date | undefined },
): View {
  if (wish.at && wish.at > now) throw new DomainError("invalid_request", "at: is a time that has not come.");
  const revealed = round.revealedAt !== null;
  const board = wish.board ?? (revealed || round.revealedRank !== null ? "private" : "public");
  const view = {
    board,
    at: wish.at ?? null,
    fromRank: null,
    hidden: organizes,
    fates: organizes || revealed,
  };
  if (organizes) return view;
  if (board === "private" && !revealed) {
    if (round.revealedRank === null || wish.at)
      throw new DomainError(
        "forbidden",
        "The final board of this round has not been revealed yet; the public board is there.",
      );
    return { ...view, fromRank: round.revealedRank };
  }
  const frozen = board === "public" ? frozenAt(round, now) : null;
  if (frozen && (view.at === null || view.at > frozen)) return { ...view, at: frozen };
  return view;
}

/** Why a viewer may not see the boards; null when it may. */
export function refusalOf(
  to: CompetitionDefinition["leaderboard"]["visible_to"],
  organizes: boolean,
  takesPart: boolean,
): DomainError | null {
  if (organizes || to === "everybody" || (to === "entrants" && takesPart)) return null;
  const message =
    to === "entrants"
      ? "This competition shows its leaderboard to its entrants only. Join it to see it."
      : "This competition shows its leaderboard to its organizer only.";
  return new DomainError("forbidden", message);
}
