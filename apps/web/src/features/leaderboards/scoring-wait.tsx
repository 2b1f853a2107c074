import type { ScoringWait } from "../../api/types.ts";
import { plural } from "../../format/numbers.ts";
import { Facts } from "../../ui/page.tsx";
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
          ? "No node can run your scorer: it is tried again each minute."
          : `${plural(waiting, "scoring")} ${waiting === 1 ? "waits" : "wait"} for a node to run your scorer.`}
      </p>
      <Facts
        facts={[
          ["Waits since", <Time key="since" at={since} />],
          ["Starts, probably", starts_at ? <Time key="starts" at={starts_at} /> : "nobody can say"],
          ["Given up at no cost", <Time key="gives up" at={gives_up_at} />],
        ]}
      />
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
