import type { CompetitionChange, DefinitionChange, Id } from "@podium/shared";
import { type Context, mayUseTeam, visibleTeams } from "../../platform/context.ts";
import { visibleCompetition } from "./organized.ts";
import { listHistory } from "./store.ts";

/** What an organizer does that all who take part have to know; the last ones only whom they are about. */
const CONCERNS_ENTRANTS = [
  "edited",
  "paused",
  "resumed",
  "extended",
  "revealed",
  "advanced",
  "advance undone",
  "rejudged",
  "banned",
  "unbanned",
  "merged",
  "withdrawn",
];
/** Where files lie, what is hidden, and whose addresses are let in: the organizer's business. */
const ORGANIZERS_ONLY =
  /^(eligibility\.(emails|teams)|scorer|ingestion)(\.|$)|^rounds\.[^.]+\.(split|inputs|labels|scoring_program|scorer_program|ingestion_program)(\.|$)/;

/** A contest's history, newest first: all of it for the organizer, for others what concerns them. */
export async function listCompetitionChanges(
  ctx: Context,
  name: string,
  { limit, before }: { limit: number; before: string | undefined },
): Promise<CompetitionChange[]> {
  const { competition } = await visibleCompetition(ctx, ctx.db, name);
  const organizes = mayUseTeam(ctx, competition.teamId);
  const shown = organizes ? null : { actions: CONCERNS_ENTRANTS, teamIds: visibleTeams(ctx) ?? [] };
  const hidden = competition.definition.columns.filter((column) => column.hidden).map(({ key }) => key);
  const rows = await listHistory(ctx.db, competition.id, { shown, limit, before });
  return rows.map(({ change, actor, round, entrant }) => ({
    id: change.id as Id<"competitionChange">,
    action: change.action,
    round,
    entrant,
    reason: change.reason,
    details: organizes ? change.details : publicDetails(change.details, hidden),
    actor: organizes ? actor : null,
    at: change.at.toISOString(),
  }));
}

function publicDetails(details: Record<string, unknown>, hidden: readonly string[]): Record<string, unknown> {
  const changes = details["changes"];
  if (!Array.isArray(changes)) return details;
  const concerns = ({ path }: DefinitionChange) =>
    !ORGANIZERS_ONLY.test(path) &&
    !hidden.some(
      (key) => path === "columns" || path === `columns.${key}` || path.startsWith(`columns.${key}.`),
    );
  return { ...details, changes: (changes as DefinitionChange[]).filter(concerns) };
}
