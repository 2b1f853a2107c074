import type { Entrant, Me } from "../../api/types.ts";

export interface EntrantView {
  entrant: Entrant;
  /** what the reader may do to it */
  may: "withdraw" | "ban" | "unban" | null;
  /** team of the reader that could become part of it */
  proposer: string | null;
}

/** What the reader may do to each entrant: leave with their own, merge with others, exclude as the organizer. */
export function entrantViews(me: Me, organizes: boolean, entrants: readonly Entrant[]): EntrantView[] {
  const leads = (team: string) => me.teams.some((own) => own.slug === team && own.role !== "member");
  const own = entrants.find((entrant) => entrant.state === "active" && leads(entrant.team));
  return entrants.map((entrant) => {
    const isIn = entrant.state === "active" || entrant.state === "eliminated";
    const isPeer =
      own !== undefined && own !== entrant && entrant.state === "active" && entrant.round === own.round;
    return {
      entrant,
      may: isIn && leads(entrant.team) ? "withdraw" : organizes ? organizersDeed(entrant) : null,
      proposer: isPeer ? own.team : null,
    };
  });
}

function organizersDeed({ state }: Entrant): "ban" | "unban" | null {
  if (state === "banned") return "unban";
  return state === "active" || state === "eliminated" ? "ban" : null;
}
