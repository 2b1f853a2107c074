import { DomainError, type Id } from "@podium/shared";
import { type Context, requireAdmin } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { type NodeRow, setDraining } from "./store.ts";

/**
 * Lets a node finish what it runs and take nothing new (`draining`), or take sessions again. Done twice it is done
 * once; a node that is away meanwhile comes back as it was told to be. Administrators only.
 * @throws DomainError `not_found`, `forbidden`
 */
export async function drainNode(
  ctx: Context,
  tx: Tx,
  input: { name: string; draining: boolean },
): Promise<NodeRow> {
  requireAdmin(ctx);
  const node = await setDraining(tx, input.name, input.draining);
  if (!node) throw new DomainError("not_found", `There is no node ${input.name}. podium nodes lists them.`);
  await emit(ctx, tx, { type: "node.changed", node_id: node.id as Id<"node"> });
  return node;
}
