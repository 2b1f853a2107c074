import type { components } from "@podium/shared/generated/api";
import { formatTime } from "./quantities.ts";
import { RULES } from "./waiting-rules.ts";

type Wait = NonNullable<components["schemas"]["ScoringBacklog"]["wait"]>;

/** What the organizer's scorer waits for, node by node, and until when. */
export function describeWait({ waiting, since, gives_up_at, starts_at, rule, nodes, session }: Wait): string {
  const what =
    waiting === 0 ? "No node can ever run your scorer" : `${waiting} wait for a node to run your scorer`;
  const why = waiting === 0 || rule === null ? "" : `: ${RULES[rule]}`;
  const start = starts_at === null ? "" : ` It could start at ${formatTime(starts_at)}.`;
  const more = session === null ? "It is tried again each minute." : `More: podium why ${session}`;
  return [
    `${what}${why}, since ${formatTime(since)}; given up at ${formatTime(gives_up_at)} if no node has taken it.${start}`,
    ...nodes.map(({ node, reason }) => `  ${node}: ${reason}`),
    more,
  ].join("\n");
}
