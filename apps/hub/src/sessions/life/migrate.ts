import { DomainError } from "@podium/shared";
import { findNode } from "../../nodes/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { lacksWhenEmpty } from "../capable-nodes.ts";
import { interruptSession } from "../interrupt.ts";
import { nodeNamed } from "../node-named.ts";
import { ownSession } from "../show.ts";
import { lockSession, type SessionRow, updateSession } from "../store.ts";
import { migrateGang } from "./migrate-gang.ts";

/**
 * Moves a session to the named node, or to any but its own: it saves, ends, and is queued for where it shall go. The
 * wish holds until it is placed; one that has not been placed yet is told where to go. Of a gang see `migrateGang`.
 * @throws DomainError `not_found`, `forbidden`, `conflict`
 */
export async function migrateSession(
  ctx: Context,
  tx: Tx,
  id: string,
  nodeName: string | undefined,
  from?: string,
): Promise<SessionRow> {
  const { id: sessionId } = await ownSession(ctx, id, tx);
  const session = await lockSession(tx, sessionId);
  if (session && session.nodes > 1) return migrateGang(ctx, tx, session, from);
  const node = await nodeNamed(tx, nodeName);
  const left = await nodeNamed(tx, from);
  if (left && left.id !== session?.nodeId)
    throw new DomainError("conflict", `This session is not on ${from}.`);
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
  const why = lacks.map(({ node, reason }) => `${node}: ${reason}`).join("; ");
  throw new DomainError(
    "conflict",
    why === ""
      ? "It has nowhere to go: there is no other node."
      : `It has nowhere to go, even with nothing else there. ${why}.`,
  );
}
