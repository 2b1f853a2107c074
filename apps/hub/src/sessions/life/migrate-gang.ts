import { DomainError } from "@podium/shared";
import { nodeNames } from "../../nodes/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { partsWhenEmpty } from "../capable-nodes.ts";
import { membersOf } from "../gangs/store.ts";
import { interruptSession } from "../interrupt.ts";
import { nodeNamed } from "../node-named.ts";
import { type SessionRow, updateSession } from "../store.ts";

/**
 * Moves a gang away from one of its nodes: all members save and end, and it is queued to start anew as one on others,
 * those among its own that it need not leave included.
 * @param from  name of the node that it shall leave; one that waits may be kept from any
 * @throws DomainError `not_found`, `conflict` when it names no node of its own or there is no room elsewhere
 */
export async function migrateGang(
  ctx: Context,
  tx: Tx,
  session: SessionRow,
  from: string | undefined,
): Promise<SessionRow> {
  const { id: sessionId, name, resources, image, nodes: parts } = session;
  const own = [...new Set((await membersOf(tx, session)).map(({ nodeId }) => nodeId))];
  const names = (await nodeNames(tx, own)).join(" and ");
  const left = await nodeNamed(tx, from);
  if (!left)
    throw new DomainError(
      "conflict",
      `A gang moves as one: say which of its nodes it shall leave${names === "" ? "" : `, of ${names}`} (podium migrate ${name} --from NODE).`,
    );
  if (session.nodeId !== null && !own.includes(left.id))
    throw new DomainError("conflict", `No member of this session is on ${from}; they are on ${names}.`);
  const held = await partsWhenEmpty(tx, { resources, image, parts }, ctx.clock.now(), left.id);
  if (held < parts)
    throw new DomainError(
      "conflict",
      `It has nowhere to go: without ${from}, the nodes of this hub would have room for ${held} of its ${parts} members, even with nothing else there.`,
    );
  const moved = await interruptSession(ctx, tx, { sessionId, next: "queued", reason: "moved by its team" });
  const moveTo = { not: left.id };
  await updateSession(tx, sessionId, { moveTo });
  return { ...moved, moveTo };
}
