import { plural } from "../../format/numbers.ts";
import { Section } from "../../ui/page.tsx";
import { Show } from "../../ui/states.tsx";
import { useWhy } from "./queries.ts";

/** Why a session still waits, node by node. */
export function WhyQueued({ id }: { id: string }) {
  const why = useWhy(id);
  return (
    <Section title="Why it waits">
      <Show answer={why} what="the reasons">
        {({ position, nodes }) => (
          <>
            <p className="prose">
              {position === null || position <= 1
                ? "It is next in the queue."
                : `${plural(position - 1, "session")} before it in the queue.`}
              {nodes.length === 0 && " No node has joined yet: ask the operator to start one."}
            </p>
            {nodes.length > 0 && (
              <dl className="reasons">
                {nodes.map(({ node, reason }) => (
                  <div key={node}>
                    <dt>{node}</dt>
                    <dd>{reason}</dd>
                  </div>
                ))}
              </dl>
            )}
          </>
        )}
      </Show>
    </Section>
  );
}
