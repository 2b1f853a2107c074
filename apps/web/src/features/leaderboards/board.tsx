import { useMemo, useRef } from "react";
import type { Competition, LeaderboardRow, Me, Round } from "../../api/types.ts";
import { count, score, scoreDecimals } from "../../format/numbers.ts";
import { TableScroll } from "../../ui/page.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { GapBar } from "./gap-bar.tsx";
import { useLeaderboard } from "./queries.ts";
import { announce, type Change } from "./rank-changes.ts";
import { useChanges } from "./use-changes.ts";
import { useSlide } from "./use-slide.ts";

/** A round's board, kept up to date by the page's stream. */
export function Board({ me, competition, round }: { me: Me; competition: Competition; round: Round }) {
  const board = useLeaderboard(competition.name, round.name);
  const rows = useMemo(() => board.data?.pages.flatMap((page) => page.rows), [board.data]);
  return (
    <Show answer={{ data: rows, error: board.error, refetch: board.refetch }} what="the leaderboard">
      {(shown) => (
        <>
          <Rows me={me} rows={shown} round={round} last={round.number === competition.rounds.length} />
          <ShowMore of={board} small />
        </>
      )}
    </Show>
  );
}

interface RowsProps {
  me: Me;
  rows: readonly LeaderboardRow[];
  round: Round;
  /** of the last round nobody survives: there is a winner */
  last: boolean;
}

function Rows({ me, rows, round, last }: RowsProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const changes = useChanges(rows);
  useSlide(body, rows.map((row) => row.entrant).join(" "));
  if (rows.length === 0) return <NoRows round={round} />;

  const scores = rows.map((row) => row.score);
  const decimals = scoreDecimals(scores);
  const best = scores[0] ?? 0;
  const widest = Math.max(...scores.map((value) => Math.abs(value - best)));
  const decided = rows.some((row) => row.survives !== null);
  return (
    <>
      <p className="visually-hidden" aria-live="polite">
        {announce(changes, rows)}
      </p>
      <TableScroll label="Leaderboard">
        <table className="table board">
          <thead>
            <tr>
              <th className="number">Rank</th>
              <th>Entrant</th>
              <th className="number">Score</th>
              <th className="wide-only">Behind the best</th>
              <th className="number wide-only">Scored</th>
              <th className="wide-only">Best since</th>
            </tr>
          </thead>
          <tbody ref={body}>
            {rows.map((row) => (
              <tr
                key={row.entrant}
                data-key={row.entrant}
                className={rowClass(row, changes.get(row.entrant), decided)}
              >
                <td className="number">
                  <Rank row={row} change={changes.get(row.entrant)} />
                </td>
                <td className="nowrap">
                  <span className="board-entrant">{row.entrant}</span>
                  {me.teams.some((team) => team.slug === row.entrant) && (
                    <span className="tag tag-you">you</span>
                  )}
                  <Fate row={row} last={last} />
                </td>
                <td className="number strong">
                  <span title={String(row.score)}>{score(row.score, decimals)}</span>
                </td>
                <td className="wide-only">
                  <GapBar gap={Math.abs(row.score - best)} widest={widest} decimals={decimals} />
                </td>
                <td className="number wide-only">{count(row.submissions)}</td>
                <td className="wide-only nowrap">
                  <Time at={row.best_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </>
  );
}

/** What the end of the round means for an entrant; nothing while it runs. */
function Fate({ row, last }: { row: LeaderboardRow; last: boolean }) {
  if (row.survives === null) return null;
  if (last) return row.rank === 1 ? <span className="tag tag-good">winner</span> : null;
  return row.survives ? <span className="tag tag-good">survives</span> : <span className="tag">out</span>;
}

function Rank({ row, change }: { row: LeaderboardRow; change: Change | undefined }) {
  return (
    <span className="rank-cell">
      {change && change.places !== 0 && (
        <span className={change.places > 0 ? "moved moved-up" : "moved moved-down"}>
          <span aria-hidden="true">{change.places > 0 ? "▲" : "▼"}</span>
          {Math.abs(change.places)}
        </span>
      )}
      <span className={`rank rank-${row.rank}`}>{row.rank}</span>
    </span>
  );
}

function rowClass(row: LeaderboardRow, change: Change | undefined, decided: boolean): string {
  const classes = [];
  if (change && (change.entered || change.improved || change.places > 0)) classes.push("changed");
  if (decided && row.survives === false) classes.push("out");
  return classes.join(" ");
}

function NoRows({ round }: { round: Round }) {
  if (round.state === "upcoming")
    return (
      <Empty title="This round has not opened">The board fills when its first submissions are scored.</Empty>
    );
  if (round.state === "closed")
    return <Empty title="Nobody was scored in this round">Look at another round above.</Empty>;
  return <Empty title="No scores yet">Be the first: submit, and your score appears here by itself.</Empty>;
}
