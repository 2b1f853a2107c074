import type { ScoringWait } from "../../api/types.ts";
import { plural } from "../../format/numbers.ts";
import { Time } from "../../ui/time.tsx";

/** What the organizer's scorer waits for, node by node, and until when it does. */
export function ScoringWaits({
  wait: { waiting, since, gives_up_at, starts_at, nodes },
}: {
  wait: ScoringWait;
}) {
  return (
    <div role="status">
      <p>
        {waiting === 0
          ? "No node can run your scorer; it is tried again each minute"
          : `${plural(waiting, "scoring")} ${waiting === 1 ? "waits" : "wait"} for a node to run your scorer`}
        , since <Time at={since} />
        {starts_at && (
          <>
            , probably until <Time at={starts_at} />
          </>
        )}
        . Given up, at no cost to anybody, if no node has taken it by <Time at={gives_up_at} />.
      </p>
      {nodes.length > 0 && (
        <ul>
          {nodes.map(({ node, reason }) => (
            <li key={node}>
              {node}: {reason}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
