import type { WhyWaiting } from "@podium/shared";
import { plural } from "../../format/numbers.ts";
import { Section } from "../../ui/page.tsx";
import { Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { useWhy } from "./queries.ts";

const RULES: Record<NonNullable<WhyWaiting["rule"]>, string> = {
  room: "No node has room for it.",
  reservation: "The room there is, is kept for a session that has waited longer.",
  turn: "It is the turn of others first, which are more urgent or whose teams hold less.",
  gang: "Its parts start together, and only some of them fit.",
};

/** Why a session still waits, node by node. */
export function WhyQueued({ id }: { id: string }) {
  const why = useWhy(id);
  return (
    <Section title="Why it waits">
      <Show answer={why} what="the reasons">
        {({ position, starts_at, rule, nodes }) => (
          <>
            <p className="prose">
              {position === null || position <= 1
                ? "It is next in the queue."
                : `${plural(position - 1, "session")} before it in the queue.`}
              {rule !== null && ` ${RULES[rule]}`}
              {nodes.length === 0 && " No node has joined yet: ask the operator to start one."}
            </p>
            {position !== null && starts_at !== null && (
              <p className="prose">
                By the time limits of what runs it could start <Time at={starts_at} />, if not before.
              </p>
            )}
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
