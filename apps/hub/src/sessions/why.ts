import type { Context } from "../platform/context.ts";
import { decide, type Refusal } from "../scheduling/index.ts";
import { readSnapshot } from "./place.ts";
import type { SessionRow } from "./store.ts";

export interface Why {
  state: SessionRow["state"];
  /** place in the queue, from 1; null when it does not wait */
  position: number | null;
  nodes: Refusal[];
}

/** Why a session still waits: its place in the queue, and what every node lacks for it right now. */
export async function whyWaiting(ctx: Context, session: SessionRow): Promise<Why> {
  if (session.state !== "queued") return { state: session.state, position: null, nodes: [] };
  const snapshot = await readSnapshot(ctx);
  const { refusals } = decide(snapshot);
  const position = snapshot.pending.findIndex((pending) => pending.sessionId === session.id) + 1;
  const nodes = refusals.get(session.id) ?? [];
  if (snapshot.nodes.length === 0) nodes.push({ node: "(none)", reason: "no node is connected to this hub" });
  return { state: session.state, position: position || null, nodes };
}
