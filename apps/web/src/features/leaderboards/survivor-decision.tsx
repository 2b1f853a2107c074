import { useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { Round, Survivors } from "../../api/types.ts";
import { plural } from "../../format/numbers.ts";
import { ConfirmWithReason } from "../../ui/confirm-with-reason.tsx";
import { useRoundWrite } from "./use-round-write.ts";

interface Props {
  name: string;
  round: Round;
  found: Survivors;
}

const HINT = "The contest's history keeps it, and the entrants read it there.";
const bodyWith = (reason: string | null) => (reason === null ? {} : { reason });

/** Where a round stands, and what the organizer can decide now: the advance, or its undoing. */
export function SurvivorDecision({ name, round, found }: Props) {
  return (
    <div className="board-tool">
      <p>{standing(round, found)}</p>
      {round.state === "closed" && found.advanced_at === null && (
        <Advance name={name} round={round} found={found} />
      )}
      {found.undoable && <Undo name={name} round={round} found={found} />}
    </div>
  );
}

function Advance({ name, round, found }: Props) {
  const [asking, setAsking] = useState(false);
  const params = { path: { name, round: round.name } };
  const advance = useRoundWrite(name, (reason: string | null) =>
    bodyOf(
      api.POST("/api/v1/competitions/{name}/rounds/{round}/advance", { params, body: bodyWith(reason) }),
    ),
  );
  return (
    <>
      <button type="button" className="button primary" onClick={() => setAsking(true)}>
        Let them advance
      </button>
      {asking && (
        <ConfirmWithReason
          title={`Let ${plural(found.survivors_count, "entrant")} advance?`}
          confirm="Advance"
          hint={HINT}
          busy={advance.isPending}
          error={advance.error}
          onConfirm={(reason) => advance.mutate(reason, { onSuccess: () => setAsking(false) })}
          onCancel={() => setAsking(false)}
        >
          <p>
            {"all" in found.rule
              ? "They enter the next round, and so do those without a score."
              : `They enter the next round; ${plural(found.eliminated_count, "entrant")} and those without a score stay behind.`}
          </p>
          <p>You can undo it until the next round opens; one that has no opening time opens at once.</p>
        </ConfirmWithReason>
      )}
    </>
  );
}

function Undo({ name, round, found }: Props) {
  const [asking, setAsking] = useState(false);
  const params = { path: { name, round: round.name } };
  const undo = useRoundWrite(name, (reason: string | null) =>
    bodyOf(
      api.POST("/api/v1/competitions/{name}/rounds/{round}/advance/undo", { params, body: bodyWith(reason) }),
    ),
  );
  return (
    <>
      <button type="button" className="button" onClick={() => setAsking(true)}>
        Undo the advance
      </button>
      {asking && (
        <ConfirmWithReason
          title={`Undo the advance of ${plural(found.survivors_count, "entrant")}?`}
          confirm="Undo"
          hint={HINT}
          busy={undo.isPending}
          error={undo.error}
          onConfirm={(reason) => undo.mutate(reason, { onSuccess: () => setAsking(false) })}
          onCancel={() => setAsking(false)}
        >
          <p>
            Everybody is back in this round, as if nobody had advanced. Then let the survivors advance again.
          </p>
        </ConfirmWithReason>
      )}
    </>
  );
}

/** Where the round stands, and what that means for what is shown. */
function standing(round: Round, found: Survivors): string {
  if (round.state === "upcoming") return "This round has not opened: nobody has a score.";
  if (found.advanced_at !== null)
    return `${plural(found.survivors_count, "entrant")} entered the next round.${found.why_not_undoable ? ` ${found.why_not_undoable}` : ""}`;
  if (round.state === "closed") return "The round is closed, and its survivors have not advanced.";
  const waits = found.under_way > 0 ? ` ${plural(found.under_way, "submission")} still to be scored.` : "";
  return `The round is ${round.state}: this is how its final board stands now, and it may change.${waits}`;
}
