import { DomainError, type JudgeFinding } from "@podium/shared";
import { findCompetition, recordChange } from "../../competitions/index.ts";
import { type Context, mayUseTeam, requireUser } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { type FindingRow, findingsOf, judge } from "./store.ts";

/** A contest's findings, by id, for its organizer. @throws DomainError `not_found`, `forbidden` */
export async function listFindings(
  ctx: Context,
  name: string,
  page: { limit: number; after?: string | undefined },
): Promise<FindingRow[]> {
  const competition = await ofOrganizer(ctx, name);
  return findingsOf(ctx.db, competition.id, page.limit, page.after);
}

/**
 * Writes down what a person makes of a finding, with the reason, into it and the contest's history. It excludes nobody:
 * that is a deed of its own. @throws DomainError `not_found`, `forbidden`
 */
export async function judgeFinding(
  ctx: Context,
  tx: Tx,
  input: JudgeFinding & { name: string; id: string },
): Promise<FindingRow> {
  const competition = await ofOrganizer(ctx, input.name);
  const finding = await judge(
    tx,
    { id: input.id, competitionId: competition.id },
    {
      verdict: input.verdict,
      verdictReason: input.reason,
      judgedBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
      judgedAt: ctx.clock.now(),
    },
  );
  if (!finding) throw new DomainError("not_found", `${input.name} has no finding ${input.id}.`);
  await recordChange(ctx, tx, {
    competitionId: competition.id,
    roundId: finding.roundId,
    action: `finding ${input.verdict}`,
    reason: input.reason,
    details: { finding: finding.id, kind: finding.kind, entrants: finding.evidence["entrants"] },
  });
  return finding;
}

async function ofOrganizer(ctx: Context, name: string) {
  requireUser(ctx);
  const found = await findCompetition(ctx.db, { name });
  if (!found) throw new DomainError("not_found", `There is no competition called "${name}".`);
  if (!mayUseTeam(ctx, found.competition.teamId))
    throw new DomainError("forbidden", "Only the organizer of this competition may do that.");
  return found.competition;
}
