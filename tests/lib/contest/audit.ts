import type { SQL, TransactionSQL } from "bun";
import { PENDING } from "./make-contest.ts";
import type { Accepted } from "./play.ts";

interface Scored {
  id: string;
  entrant: string;
  score: number;
  submitted_at: Date;
}

interface BoardRow {
  entrant: string;
  score: number;
  submissions: number;
  best: string;
}

export interface Sample {
  problems: string[];
  /** rows that were the recomputed ones to the last bit */
  equal: number;
  /** rows whose entrant had a submission scored that the board was just taking in */
  behind: number;
}

/**
 * Compares a stored board with its submissions, both as they were at one moment. A row must be what submissions give
 * that had been scored: all of them, or all but those that it has not counted yet.
 */
export async function sampleBoard(sql: SQL, competition: string, round: string): Promise<Sample> {
  return sql.begin("isolation level repeatable read read only", async (tx) => {
    const problems: string[] = [];
    let [equal, behind] = [0, 0];
    const scored = Map.groupBy(await scoredOf(tx, competition, round), ({ entrant }) => entrant);
    const rows = await boardOf(tx, competition, round);
    for (const row of rows) {
      const all = scored.get(row.entrant) ?? [];
      const missing = all.length - row.submissions;
      const better = all.filter((each) => isBetter(each, row)).length;
      const own = all.find(({ id }) => id === row.best);
      if (missing === 0 && better === 0 && own?.score === row.score) equal += 1;
      else if (missing > 0 && better <= missing && own?.score === row.score) behind += 1;
      else problems.push(`${row.entrant}: the board has ${JSON.stringify(row)} of ${all.length} scored`);
    }
    for (const { entrant, n } of await underWay(tx, competition, round))
      if (n > PENDING) problems.push(`${entrant}: ${n} submissions are under way, ${PENDING} may be`);
    return { problems, equal, behind };

    function isBetter(each: Scored, row: BoardRow): boolean {
      const best = scored.get(row.entrant)?.find(({ id }) => id === row.best);
      if (each.score !== row.score) return each.score < row.score;
      return best !== undefined && each.submitted_at < best.submitted_at;
    }
  });
}

function scoredOf(sql: TransactionSQL, competition: string, round: string): Promise<Scored[]> {
  return sql`select s.id, t.slug as entrant, s.score, s.submitted_at
    from submissions s join rounds r on r.id = s.round_id join competitions c on c.id = r.competition_id
      join teams t on t.id = s.team_id
    where c.name = ${competition} and r.name = ${round} and s.state = 'scored' and not s.trial`;
}

function boardOf(sql: TransactionSQL, competition: string, round: string): Promise<BoardRow[]> {
  return sql`select t.slug as entrant, l.score, l.submissions, l.best_submission_id as best
    from leaderboard_rows l join rounds r on r.id = l.round_id join competitions c on c.id = r.competition_id
      join entrants e on e.id = l.entrant_id join teams t on t.id = e.team_id
    where c.name = ${competition} and r.name = ${round} and l.board = 'public'`;
}

function underWay(sql: TransactionSQL, competition: string, round: string) {
  return sql`select t.slug as entrant, count(*)::int as n
    from submissions s join rounds r on r.id = s.round_id join competitions c on c.id = r.competition_id
      join teams t on t.id = s.team_id
    where c.name = ${competition} and r.name = ${round} and s.state in ('queued', 'inferring', 'scoring')
    group by t.slug` as Promise<{ entrant: string; n: number }[]>;
}

/**
 * What is wrong with a stage whose submissions have ended: one that was accepted and is lost, one that nobody made,
 * one with another score than its file has, or with more scores than one; an entrant beyond its limit.
 */
export async function auditStage(
  sql: SQL,
  { competition, round, maximum }: { competition: string; round: string; maximum: number },
  accepted: readonly Accepted[],
): Promise<string[]> {
  const rows: { id: string; entrant: string; state: string; score: number | null; scores: number }[] =
    await sql`select s.id, t.slug as entrant, s.state, s.score,
        (select count(*) from scores x where x.submission_id = s.id)::int as scores
      from submissions s join rounds r on r.id = s.round_id join competitions c on c.id = r.competition_id
        join teams t on t.id = s.team_id
      where c.name = ${competition} and r.name = ${round}`;
  const problems: string[] = [];
  const known = new Map(rows.map((row) => [row.id, row]));
  if (new Set(accepted.map(({ id }) => id)).size !== accepted.length)
    problems.push("a submission was accepted twice");
  if (rows.length !== accepted.length)
    problems.push(`${accepted.length} were accepted, and ${rows.length} are there`);
  for (const { id, entrant, score } of accepted) {
    const row = known.get(id);
    if (!row) problems.push(`${id} is lost`);
    else if (row.state !== "scored") problems.push(`${id} is ${row.state}`);
    else if (row.scores !== 1) problems.push(`${id} was scored ${row.scores} times`);
    else if (row.entrant !== entrant) problems.push(`${id} is another entrant's`);
    else if (Math.abs((row.score ?? Number.NaN) - score) > 1e-9 * score)
      problems.push(`${id} has ${row.score}, and its file ${score}`);
  }
  for (const [entrant, made] of Map.groupBy(rows, (row) => row.entrant))
    if (made.length > maximum) problems.push(`${entrant} made ${made.length}, ${maximum} are allowed`);
  return problems;
}
