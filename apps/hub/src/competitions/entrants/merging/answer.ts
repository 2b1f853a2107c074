import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../../../platform/context.ts";
import type { Tx } from "../../../platform/database.ts";
import { emit } from "../../../platform/outbox.ts";
import { requireLeader } from "../find-entry.ts";
import { visibleMerge } from "./find.ts";
import { endMerge } from "./store.ts";

/** Says no to a merge that was proposed to the actor's team. @throws DomainError `not_found`, `forbidden`, `conflict` */
export async function refuseMerge(ctx: Context, tx: Tx, input: { name: string; id: string }): Promise<void> {
  const { shown } = await visibleMerge(ctx, tx, input);
  await requireLeader(ctx, tx, shown.intoTeamId);
  await end(ctx, tx, input.id, "refused");
}

/** Takes back what the actor's team has proposed. @throws DomainError `not_found`, `forbidden`, `conflict` */
export async function withdrawMerge(
  ctx: Context,
  tx: Tx,
  input: { name: string; id: string },
): Promise<void> {
  const { shown } = await visibleMerge(ctx, tx, input);
  await requireLeader(ctx, tx, shown.fromTeamId);
  await end(ctx, tx, input.id, "withdrawn");
}

async function end(ctx: Context, tx: Tx, id: string, state: "refused" | "withdrawn"): Promise<void> {
  if (!(await endMerge(tx, id, state, ctx.clock.now())))
    throw new DomainError("conflict", "This proposal has been answered or taken back already.");
  await emit(ctx, tx, { type: "merge.changed", merge_id: id as Id<"entrantMerge"> });
}
