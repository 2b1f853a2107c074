import { DomainError, type ScoringBacklog } from "@podium/shared";
import { findCompetition } from "../../competitions/index.ts";
import { type Context, mayUseTeam, requireUser } from "../../platform/context.ts";
import { showWait } from "./show-wait.ts";
import { backlogOf } from "./store.ts";

/**
 * How many submissions of a contest are being scored, and what those wait for that no node has taken.
 * @throws DomainError `not_found`, `forbidden` to all but the organizer
 */
export async function showBacklog(ctx: Context, name: string): Promise<ScoringBacklog> {
  requireUser(ctx);
  const found = await findCompetition(ctx.db, { name });
  if (!found) throw new DomainError("not_found", `There is no competition called "${name}".`);
  if (!mayUseTeam(ctx, found.competition.teamId))
    throw new DomainError("forbidden", "Only the organizer of this competition may do that.");
  const { queued, running, waiting, first } = await backlogOf(ctx.db, found.competition.id);
  const wait = first
    ? await showWait(ctx, { waiting, since: first.createdAt, session: first, refusedBy: null })
    : null;
  return { queued, running, wait };
}
