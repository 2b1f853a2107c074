import type { Context } from "../platform/context.ts";
import { decide, explain, type Refusal } from "../scheduling/index.ts";
import { readSnapshot } from "./place.ts";
import type { SessionRow } from "./store.ts";

export interface Why {
  state: SessionRow["state"];
  /** its place among those that wait, from 1; null when it does not wait, or starts with the next turn */
  position: number | null;
  nodes: Refusal[];
}

/** Why a session still waits: its place in the queue, and what every node lacks for it right now. */
export async function whyWaiting(ctx: Context, session: SessionRow): Promise<Why> {
  if (session.state !== "queued") return { state: session.state, position: null, nodes: [] };
  const { waiting, left } = decide(await readSnapshot(ctx));
  const index = waiting.findIndex((pending) => pending.sessionId === session.id);
  const nodes =
    left.length === 0
      ? [{ node: "(none)", reason: "no node is connected to this hub" }]
      : explain(left, session);
  return { state: session.state, position: index < 0 ? null : index + 1, nodes };
}
