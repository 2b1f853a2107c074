import { DomainError } from "@podium/shared";
import { findNode } from "../../nodes/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { lacksWhenEmpty } from "../capable-nodes.ts";
import { interruptSession } from "../interrupt.ts";
import { ownSession } from "../show.ts";
import { lockSession, type SessionRow, updateSession } from "../store.ts";

/**
 * Moves a session to the named node, or to any but its own: it saves, ends, and is queued for where it shall go. The
 * wish holds until it is placed; one that has not been placed yet is told where to go.
 * @throws DomainError `not_found`, `forbidden`, `conflict`
 */
export async function migrateSession(
  ctx: Context,
  tx: Tx,
  id: string,
  nodeName: string | undefined,
): Promise<SessionRow> {
  const { id: sessionId } = await ownSession(ctx, id, tx);
  const session = await lockSession(tx, sessionId);
  if (session && session.nodes > 1)
    throw new DomainError(
      "conflict",
      "A session on several nodes can't be moved to one: pause it, and resume it when others are free.",
    );
  const node = nodeName === undefined ? null : await findNode(tx, { name: nodeName });
  if (nodeName !== undefined && !node)
    throw new DomainError("not_found", `There is no node "${nodeName}". All: podium nodes`);
  if (node && node.id === session?.nodeId)
    throw new DomainError("conflict", `This session is on ${nodeName} already.`);
  if (!node && !session?.nodeId)
    throw new DomainError("conflict", "This session is on no node: name the one that it shall go to.");
  await refuseNowhere(ctx, tx, session, node?.name ?? null);
  const moved = await interruptSession(ctx, tx, { sessionId, next: "queued", reason: "moved by its team" });
  const moveTo = node ? { node: node.id } : { not: session?.nodeId ?? "" };
  await updateSession(tx, sessionId, { moveTo });
  return { ...moved, moveTo };
}

/** A move that no node could ever take would leave the session in the queue for good. */
async function refuseNowhere(
  ctx: Context,
  tx: Tx,
  session: SessionRow | null,
  wanted: string | null,
): Promise<void> {
  if (!session) return;
  const { resources, image } = session;
  const own = session.nodeId ? (await findNode(tx, { id: session.nodeId }))?.name : undefined;
  const lacks = (await lacksWhenEmpty(tx, { resources, image }, ctx.clock.now())).filter(({ node }) =>
    wanted === null ? node !== own : node === wanted,
  );
  if (lacks.some(({ reason }) => reason === null)) return;
  const why = lacks.map(({ node, reason }) => `${node} would have ${reason} when empty`).join("; ");
  throw new DomainError("conflict", `It has nowhere to go: ${why || "there is no other node"}.`);
}
