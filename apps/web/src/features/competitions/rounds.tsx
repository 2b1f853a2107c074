import type { Round } from "../../api/types.ts";
import { Link } from "../../router/router.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Time } from "../../ui/time.tsx";

/** The rounds in order, as steps; the chosen one shows its board below. */
export function Rounds({
  name,
  rounds,
  chosen,
}: {
  name: string;
  rounds: readonly Round[];
  chosen: Round | undefined;
}) {
  return (
    <nav aria-label="Rounds" className="rounds">
      {rounds.map((round) => (
        <Link
          key={round.id}
          to={`/competitions/${name}?round=${round.name}`}
          replace
          className={`round round-${round.state}`}
          aria-current={round.id === chosen?.id ? "true" : undefined}
        >
          <span className="round-number" aria-hidden="true">
            {round.number}
          </span>
          <span className="round-text">
            <span className="round-title">{round.title || round.name}</span>
            <span className="round-when">{whenOf(round)}</span>
          </span>
          <StatePill state={round.paused_at === null ? round.state : "paused"} />
        </Link>
      ))}
    </nav>
  );
}

function whenOf(round: Round) {
  if (round.state === "closed" && round.closed_at)
    return (
      <>
        closed <Time at={round.closed_at} />
      </>
    );
  if (round.state === "upcoming" && round.opens_at)
    return (
      <>
        opens <Time at={round.opens_at} />
      </>
    );
  if (round.state === "upcoming") return "opens when the one before closes";
  if (round.paused_at)
    return (
      <>
        paused <Time at={round.paused_at} />: nothing is accepted
      </>
    );
  if (round.state === "closing") return "waiting for the last submissions";
  if (round.closes_at)
    return (
      <>
        closes <Time at={round.closes_at} />
      </>
    );
  return "closed by the organizer";
}
