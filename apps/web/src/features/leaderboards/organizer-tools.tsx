import { useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { Competition, Leaderboard, Round } from "../../api/types.ts";
import { plural, score } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { ProblemNotice } from "../../ui/states.tsx";
import { useScoring, useSurvivors } from "./queries.ts";
import { ScoringWaits } from "./scoring-wait.tsx";
import { useRoundWrite } from "./use-round-write.ts";

interface Props {
  competition: Competition;
  round: Round;
  board: Leaderboard;
}

/** What the organizer does with a board: who would go on, the reveal, and the ways to everything else. */
export function OrganizerTools({ competition, round, board }: Props) {
  const { name } = competition;
  const last = round.number === competition.rounds.length;
  return (
    <div className="board-tools">
      {round.state !== "upcoming" && !last && <SurvivorsNow name={name} round={round} />}
      {round.state === "closed" && board.revealed_at === null && (
        <Reveal name={name} round={round} board={board} />
      )}
      <Scoring name={name} />
      <nav aria-label="For the organizer" className="board-tool">
        <Link to={`/competitions/${name}/statistics`}>Statistics of this competition</Link>
        <Link to={`/competitions/${name}/findings`}>Findings</Link>
        {round.state !== "upcoming" && (
          <Link to={`/competitions/${name}/rounds/${round.name}/rejudgings`}>Rejudge this round</Link>
        )}
      </nav>
    </div>
  );
}

/** Only what waits for a node is worth a word here: what is scored in its turn shows itself. */
function Scoring({ name }: { name: string }) {
  const wait = useScoring(name).data?.wait;
  return wait ? <ScoringWaits wait={wait} /> : null;
}

function SurvivorsNow({ name, round }: { name: string; round: Round }) {
  const found = useSurvivors(name, round.name, null).data;
  if (!found) return null;
  const advanced = found.survivors_count === 1 ? " has advanced" : " have advanced";
  return (
    <div className="board-tool">
      <p>
        <strong>{plural(found.survivors_count, "survivor")}</strong>
        {found.advanced_at === null ? " as the board stands" : advanced}
        {found.cut && `, down to ${found.cut.entrant} (${score(found.cut.score, 4)})`}
        {found.ties.length > 0 && `; ${plural(found.ties.length, "entrant")} by a tie`}.
      </p>
      <Link to={`/competitions/${name}/rounds/${round.name}/survivors`} className="button">
        {found.advanced_at === null ? "Preview and advance" : "See the survivors"}
      </Link>
    </div>
  );
}

function Reveal({ name, round, board }: { name: string; round: Round; board: Leaderboard }) {
  const [asking, setAsking] = useState(false);
  const params = { path: { name, round: round.name } };
  const reveal = useRoundWrite(name, (untilRank: number) =>
    bodyOf(
      api.POST("/api/v1/competitions/{name}/rounds/{round}/reveal", {
        params,
        body: untilRank <= 1 ? {} : { until_rank: untilRank },
      }),
    ),
  );
  const from = board.revealed_rank ?? board.entrants + 1;
  // Nobody has a rank inside of a tie; where the place isn't loaded, one step may show nothing new.
  const above = board.board === "private" ? board.rows.findLast((row) => row.rank < from) : undefined;
  const next = board.rows.length === board.entrants && above ? above.rank : from - 1;
  return (
    <div className="board-tool">
      <p role="status">
        {board.revealed_rank === null
          ? "The final board is yours alone until you reveal it."
          : `Revealed from rank ${board.revealed_rank} down.`}
      </p>
      <button
        type="button"
        className="button"
        disabled={reveal.isPending}
        onClick={() => reveal.mutate(next)}
      >
        {next <= 1 ? "Reveal the first place" : "Reveal the next place"}
      </button>
      <button type="button" className="button" disabled={reveal.isPending} onClick={() => setAsking(true)}>
        Reveal all of it
      </button>
      {reveal.error && !asking && <ProblemNotice error={reveal.error} />}
      {asking && (
        <Confirm
          title="Reveal the whole final board?"
          confirm="Reveal all"
          busy={reveal.isPending}
          error={reveal.error}
          onConfirm={() => reveal.mutate(1, { onSuccess: () => setAsking(false) })}
          onCancel={() => setAsking(false)}
        >
          <p>Everybody sees every place and its final score at once. That can't be undone.</p>
        </Confirm>
      )}
    </div>
  );
}
