import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";
import type { Competition, Leaderboard, Round } from "../../api/types.ts";
import { plural, score } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { ProblemNotice } from "../../ui/states.tsx";
import { useSurvivors } from "./queries.ts";

interface Props {
  competition: Competition;
  round: Round;
  board: Leaderboard;
}

/** What the organizer does with a board: who would go on, the advance and its undoing, the reveal, the numbers. */
export function OrganizerTools({ competition, round, board }: Props) {
  const { name } = competition;
  const last = round.number === competition.rounds.length;
  return (
    <div className="board-tools">
      {round.state !== "upcoming" && !last && <Survivors name={name} round={round} />}
      {round.state === "closed" && board.revealed_at === null && (
        <Reveal name={name} round={round} board={board} />
      )}
      <Link to={`/competitions/${name}/statistics`}>Statistics of this competition</Link>
    </div>
  );
}

/** A write to the round, after which the page fetches all that it may have changed. */
function useRoundWrite<Input>(name: string, send: (input: Input) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["leaderboard", name] }),
        client.invalidateQueries({ queryKey: ["competition", name] }),
      ]),
  });
}

function Survivors({ name, round }: { name: string; round: Round }) {
  const survivors = useSurvivors(name, round.name, true);
  const params = { path: { name, round: round.name } };
  const advance = useRoundWrite(name, () =>
    bodyOf(api.POST("/api/v1/competitions/{name}/rounds/{round}/advance", { params, body: {} })),
  );
  const undo = useRoundWrite(name, () =>
    bodyOf(api.POST("/api/v1/competitions/{name}/rounds/{round}/advance/undo", { params, body: {} })),
  );
  const found = survivors.data;
  if (!found) return null;
  const error = advance.error ?? undo.error;
  const advanced = found.survivors_count === 1 ? " has advanced" : " have advanced";
  return (
    <div className="board-tool">
      <p>
        <strong>{plural(found.survivors_count, "survivor")}</strong>
        {found.advanced_at === null ? " as the board stands" : advanced}
        {found.cut && `, down to ${found.cut.entrant} (${score(found.cut.score, 4)})`}
        {found.ties.length > 0 && `; ${plural(found.ties.length, "entrant")} by a tie`}.
      </p>
      {round.state === "closed" && found.advanced_at === null && (
        <button
          type="button"
          className="button"
          disabled={advance.isPending}
          onClick={() => advance.mutate({})}
        >
          Let them advance
        </button>
      )}
      {found.undoable && (
        <button type="button" className="button" disabled={undo.isPending} onClick={() => undo.mutate({})}>
          Undo the advance
        </button>
      )}
      {error && <ProblemNotice error={error} />}
    </div>
  );
}

function Reveal({ name, round, board }: { name: string; round: Round; board: Leaderboard }) {
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
      <p>
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
        Reveal the next place
      </button>
      <button type="button" className="button" disabled={reveal.isPending} onClick={() => reveal.mutate(1)}>
        Reveal all of it
      </button>
      {reveal.error && <ProblemNotice error={reveal.error} />}
    </div>
  );
}
