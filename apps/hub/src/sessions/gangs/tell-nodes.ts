import type { Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import type { SessionRow } from "../store.ts";
import { membersOf } from "./store.ts";
import { isOver } from "./whole.ts";

/** Has every node that a session is on told at once that it shall stop there. */
export async function tellToStop(ctx: Context, tx: Tx, session: SessionRow): Promise<void> {
  const ids = { session_id: session.id as Id<"session">, team_id: session.teamId as Id<"team"> };
  for (const nodeId of await nodesOf(tx, session))
    await emit(ctx, tx, { type: "session.stopping", ...ids, node_id: nodeId as Id<"node"> | null });
}

async function nodesOf(tx: Tx, session: SessionRow): Promise<Set<string | null>> {
  if (session.nodes === 1) return new Set([session.nodeId]);
  const left = (await membersOf(tx, session)).filter((member) => !isOver(member));
  return new Set(left.map(({ nodeId }) => nodeId));
}
