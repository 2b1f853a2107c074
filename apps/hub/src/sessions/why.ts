import type { WhyWaiting } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { outlookOf } from "../scheduling/index.ts";
import { forecastStart } from "./forecast.ts";
import { readSnapshot } from "./placing/read-snapshot.ts";
import type { SessionRow } from "./store.ts";

/**
 * Why a session still waits: its place in the queue, what holds it back, when it could start, and what every node
 * lacks for it right now.
 */
export async function whyWaiting(ctx: Context, session: SessionRow): Promise<WhyWaiting> {
  const { state } = session;
  if (state !== "queued") return { state, position: null, starts_at: null, rule: null, nodes: [] };
  const snapshot = await readSnapshot(ctx);
  const outlook = outlookOf(snapshot, session.id, session);
  const { position, rule, nodes } = outlook;
  // What is ahead counts; where that can't be told, at least when there is room for it alone.
  const startsAt = (position === null ? null : forecastStart(snapshot, session.id)) ?? outlook.startsAt;
  return {
    state,
    position,
    starts_at: startsAt === null ? null : new Date(startsAt).toISOString(),
    rule,
    nodes:
      snapshot.nodes.length === 0 ? [{ node: "(none)", reason: "no node is connected to this hub" }] : nodes,
  };
}
