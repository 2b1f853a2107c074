import { useMemo, useRef } from "react";
import type { Competition, Leaderboard, LeaderboardRow, Me, Round } from "../../api/types.ts";
import { count, measure, score, scoreDecimals } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { TableScroll } from "../../ui/page.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { mayManage } from "../accounts/me.ts";
import { GapBar } from "./gap-bar.tsx";
import { joinPages } from "./join-pages.ts";
import { Notices } from "./notices.tsx";
import { OrganizerTools } from "./organizer-tools.tsx";
import { useLeaderboard } from "./queries.ts";
import { announce, type Change } from "./rank-changes.ts";
import { useBoardStream } from "./use-board-stream.ts";
import { useChanges } from "./use-changes.ts";
import { useSlide } from "./use-slide.ts";

/** A round's board, kept up to date by its stream; for the organizer also what is to be done when it has ended. */
export function Board({ me, competition, round }: { me: Me; competition: Competition; round: Round }) {
  const board = useLeaderboard(competition.name, round.name);
  useBoardStream(competition.name, round.name);
  const shown = useMemo(() => joinPages(board.data?.pages), [board.data]);
  const organizes = mayManage(me, competition.organizer);
  return (
    <Show answer={{ data: shown, error: board.error, refetch: board.refetch }} what="the leaderboard">
      {(found) => (
        <>
          <Notices board={found} organizes={organizes} />
          <Rows me={me} board={found} round={round} last={round.number === competition.rounds.length} />
          <ShowMore of={board} small />
          {organizes && <OrganizerTools competition={competition} round={round} board={found} />}
        </>
      )}
    </Show>
  );
}

interface RowsProps {
  me: Me;
  board: Leaderboard;
  round: Round;
  /** of the last round nobody survives: there is a winner */
  last: boolean;
}

function Rows({ me, board, round, last }: RowsProps) {
  const { rows, own, columns } = board;
  const body = useRef<HTMLTableSectionElement>(null);
  const changes = useChanges(rows);
  useSlide(body, rows.map((row) => row.entrant).join(" "));
  if (rows.length === 0) return <NoRows round={round} board={board} />;

  const decimals = scoreDecimals(rows.map((row) => row.score));
  const best = rows[0]?.score ?? 0;
  const widest = Math.max(...rows.map((row) => Math.abs(row.score - best)));
  const decided = rows.some((row) => row.survives !== null);
  const intervals = rows.some((row) => row.interval !== null);
  const mine = new Set(me.teams.map((team) => team.slug));
  const beyond = own.filter((row) => rows.every((other) => other.entrant !== row.entrant));
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
              {columns.map((column) => (
                <th key={column.key} className="number">
                  {column.title}
                  {column.hidden && <span className="quiet"> (hidden)</span>}
                </th>
              ))}
              {intervals && <th className="number wide-only">95 % ranks</th>}
              <th className="wide-only">Behind the best</th>
              <th className="number wide-only">Scored</th>
              <th className="wide-only">Best since</th>
            </tr>
          </thead>
          <tbody ref={body}>
            {[...rows, ...beyond].map((row, index) => (
              <BoardRow
                key={row.entrant}
                row={row}
                change={changes.get(row.entrant)}
                is={{ decided, mine: mine.has(row.entrant), beyond: index >= rows.length, last }}
                among={{ best, widest, decimals, intervals }}
                board={board}
              />
            ))}
          </tbody>
        </table>
      </TableScroll>
    </>
  );
}

interface BoardRowProps {
  row: LeaderboardRow;
  change: Change | undefined;
  /** `beyond`: it stands further down than the rows that are shown */
  is: { decided: boolean; mine: boolean; beyond: boolean; last: boolean };
  among: { best: number; widest: number; decimals: number; intervals: boolean };
  board: Leaderboard;
}

function BoardRow({ row, change, is, among, board }: BoardRowProps) {
  const { best, widest, decimals } = among;
  return (
    <tr data-key={row.entrant} className={rowClass(row, change, is)}>
      <td className="number">
        <Rank row={row} change={change} />
      </td>
      <td className="nowrap">
        <Link
          to={`/competitions/${board.competition}/entrants/${row.entrant}?round=${board.round}`}
          className="board-entrant"
        >
          {row.entrant}
        </Link>
        {is.mine && <span className="tag tag-you">you</span>}
        <Fate row={row} last={is.last} />
      </td>
      <td className="number strong">
        <span title={String(row.score)}>{score(row.score, decimals)}</span>
      </td>
      {board.columns.map((column) => (
        <td key={column.key} className="number">
          {columnValue(row.columns[column.key], column.precision)}
        </td>
      ))}
      {among.intervals && <td className="number wide-only">{intervalOf(row)}</td>}
      <td className="wide-only">
        <GapBar gap={Math.abs(row.score - best)} widest={widest} decimals={decimals} />
      </td>
      <td className="number wide-only">{count(row.submissions)}</td>
      <td className="wide-only nowrap">
        <Time at={row.best_at} />
      </td>
    </tr>
  );
}

function columnValue(value: number | undefined, precision: number | null): string {
  if (value === undefined) return "–";
  return precision === null ? measure(value) : value.toFixed(precision);
}

function intervalOf({ interval }: LeaderboardRow) {
  if (interval === null) return "–";
  const { low, high, chance } = interval;
  const title = chance === null ? undefined : `survives in ${Math.round(chance * 100)} of 100 resamples`;
  return <span title={title}>{low === high ? low : `${low}–${high}`}</span>;
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

function rowClass(
  row: LeaderboardRow,
  change: Change | undefined,
  is: { decided: boolean; mine: boolean; beyond: boolean },
): string {
  const classes = [];
  if (change && (change.entered || change.improved || change.places > 0)) classes.push("changed");
  if (is.decided && row.survives === false) classes.push("out");
  if (is.mine) classes.push("mine");
  if (is.beyond) classes.push("beyond");
  return classes.join(" ");
}

function NoRows({ round, board }: { round: Round; board: Leaderboard }) {
  if (round.state === "upcoming")
    return (
      <Empty title="This round has not opened">The board fills when its first submissions are scored.</Empty>
    );
  if (board.revealed_rank !== null)
    return <Empty title="Nothing is revealed yet">The places appear here one after the other.</Empty>;
  if (round.state === "closed")
    return <Empty title="Nobody was scored in this round">Look at another round above.</Empty>;
  return <Empty title="No scores yet">Be the first: submit, and your score appears here by itself.</Empty>;
}
