import { DomainError, orderOf } from "@podium/shared";
import { boardRule, sortKeysOf } from "@podium/shared/boards/board-rule";
import { findCompetition, listRounds, type RoundRow } from "../../competitions/index.ts";
import { type Context, mayUseTeam, requireUser } from "../../platform/context.ts";
import { ladderShown } from "../ladder/store.ts";
import { openBoard } from "../read.ts";
import { shownColumns } from "../show-board.ts";
import { frozenAt } from "../view.ts";
import { rankTrend } from "./rank-trend.ts";
import { findEntrantByRef, heardOf, submissionsOf } from "./store.ts";

const NEWEST = 1_000;
/** In a round with more scored submissions than this, ranks over time are not worked out at a request. */
const MOST_HEARD = 200_000;

type Submission = Awaited<ReturnType<typeof submissionsOf>>[number];

/**
 * An entrant's submissions of a round with their trend. Its own team and the organizer see all of it; others, where
 * the definition opens histories, what was scored, up to the freeze.
 * @throws DomainError `not_found`, `forbidden`
 */
export async function entrantHistory(
  ctx: Context,
  input: { name: string; entrant: string; round?: string | undefined },
) {
  const roundName = input.round ?? (await latestRound(ctx, input.name)).name;
  const { competition, round, organizes, refusal } = await openBoard(ctx, input.name, roundName, {
    board: "public",
  });
  const { definition } = competition;
  const entrant = await findEntrantByRef(ctx.db, competition.id, input.entrant);
  const own = organizes || (entrant !== null && mayUseTeam(ctx, entrant.teamId));
  if (!own && definition.leaderboard.history !== "open")
    throw new DomainError("forbidden", "In this competition entrants don't see one another's submissions.");
  if (!own && refusal) throw refusal;
  if (!entrant)
    throw new DomainError("not_found", `"${input.entrant}" takes no part in "${competition.name}".`);

  const frozen = organizes ? null : frozenAt(round, ctx.clock.now());
  const beforeFreeze = ({ endedAt }: Pick<Submission, "endedAt">) =>
    frozen === null || (endedAt !== null && endedAt <= frozen);
  const newest = (await submissionsOf(ctx.db, round.id, entrant.id, NEWEST)).reverse();
  const seen = own ? newest : newest.filter((each) => isCounted(each) && beforeFreeze(each));
  const keys = shownColumns(definition, { hidden: organizes }).map(({ key }) => key);
  const rule = boardRule(definition, round.definition);
  const shown = rule.ladder ? await ladderShown(ctx.db, round.id, entrant.id) : null;
  const scoreOf = shownScores(seen, shown);
  const ranks = rule.ladder || refusal ? new Map<string, number>() : await ranksOverTime();

  let best: number | null = null;
  const sign = orderOf(definition.metric) === "ascending" ? 1 : -1;
  const submissions = seen.map((each) => {
    const score = scoreOf(each);
    if (isCounted(each) && score !== null && (best === null || sign * (score - best) < 0)) best = score;
    return {
      id: each.id as `sub_${string}`,
      number: each.number,
      kind: each.kind,
      state: each.state,
      trial: each.trial,
      selected: each.selected,
      submitted_at: each.submittedAt.toISOString(),
      ended_at: each.endedAt?.toISOString() ?? null,
      score,
      // With the Ladder they would tell what the score must not.
      columns: rule.ladder && !organizes ? {} : pick(each.columns ?? {}, keys),
      best,
      rank: beforeFreeze(each) ? (ranks.get(each.id) ?? null) : null,
    };
  });
  return { entrant: entrant.team, round: round.name, submissions };

  async function ranksOverTime(): Promise<Map<string, number>> {
    const heard = await heardOf(ctx.db, round.id, MOST_HEARD + 1);
    if (heard.length > MOST_HEARD) return new Map();
    const keyed = heard.map((each) => ({
      ...each,
      sortKeys: sortKeysOf(rule, { score: each.score, columns: each.columns ?? {} }),
    }));
    return rankTrend(rule.counts, keyed, entrant?.id ?? "");
  }
}

const isCounted = ({ state, trial }: Submission) => state === "scored" && !trial;

/** A submission's score as it may be shown: by the Ladder that of the submission which stood then. */
function shownScores(all: readonly Submission[], shown: ReadonlyMap<string, string> | null) {
  const byId = new Map(all.map((each) => [each.id, each.score]));
  return (each: Submission): number | null => {
    if (shown === null || each.trial) return each.score;
    return byId.get(shown.get(each.id) ?? "") ?? null;
  };
}

function pick(values: Record<string, number>, keys: readonly string[]): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)));
}

/** The round that opened last, or the first. */
async function latestRound(ctx: Context, name: string): Promise<RoundRow> {
  requireUser(ctx);
  const found = await findCompetition(ctx.db, { name });
  const rounds = found ? await listRounds(ctx.db, found.competition.id) : [];
  const round = rounds.findLast(({ state }) => state !== "upcoming") ?? rounds[0];
  if (!round) throw new DomainError("not_found", `There is no competition called "${name}".`);
  return round;
}
