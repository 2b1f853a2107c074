import type { Leaderboard } from "../../api/types.ts";
import { plural } from "../../format/numbers.ts";
import { Time } from "../../ui/time.tsx";

/** What one has to know before reading a board: that it stands still, or is being revealed. */
export function Notices({ board, organizes }: { board: Leaderboard; organizes: boolean }) {
  const above = board.revealed_rank === null ? 0 : board.revealed_rank - 1;
  return (
    <>
      {board.frozen_at && board.board === "public" && (
        <p className="board-notice" role="status">
          {organizes ? "Frozen for everybody but you since " : "Frozen since "}
          <Time at={board.frozen_at} style="short" />.{" "}
          {organizes
            ? "You see it move; they see it as it stood then."
            : "It shows what stood then, until the final board is revealed. Your own scores are below."}
        </p>
      )}
      {board.board === "private" && above > 0 && (
        <p className="board-notice" role="status">
          The final board is being revealed from the last place up: {plural(above, "place is", "places are")}{" "}
          still to come.
        </p>
      )}
    </>
  );
}
