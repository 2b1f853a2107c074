import type { Id } from "@podium/shared";
import { lockRound } from "../../competitions/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { oneByOne } from "../../platform/one-by-one.ts";
import { emit } from "../../platform/outbox.ts";
import { boundsOf, waitInWords } from "../waiting/bounds.ts";
import { waitOfRejudging } from "../waiting/show-wait.ts";
import { movedAt, overdueRejudgings, refusedRejudgings } from "../waiting/store.ts";
import { endCancelled } from "./cancel.ts";
import { lockRejudging, type RejudgingRow, updateRejudging } from "./store.ts";

/** How often a rejudging whose scorer no node could ever take is asked for again: a node may have come. */
const ASK_AGAIN_MS = 60_000;
/** How many nodes the history names. */
const NAMED = 5;

/**
 * What becomes of rejudgings whose scorer no node takes: those that could not even be queued are tried again each minute;
 * those that nothing has brought further within the bounds are dropped, which changes nothing that anybody saw.
 */
export async function waitForNodes(ctx: Context): Promise<void> {
  await oneByOne(
    ctx,
    await overdueRejudgings(ctx.db, boundsOf(ctx)),
    "dropping waiting rejudgings",
    async (known) => {
      const why = await tell(ctx, known);
      if (await ctx.db.transaction((tx) => drop(ctx, tx, known, why)))
        ctx.log.warn({ rejudging: known.id }, "a rejudging was dropped: no node took its scorer");
    },
  );
  const before = new Date(ctx.clock.now().getTime() - ASK_AGAIN_MS);
  await oneByOne(ctx, await refusedRejudgings(ctx.db, before), "asking for refused rejudgings", (known) =>
    ctx.db.transaction((tx) => askAgain(ctx, tx, known)),
  );
}

/** False: it has moved since, or is over. */
async function drop(ctx: Context, tx: Tx, known: RejudgingRow, why: string): Promise<boolean> {
  await lockRound(tx, known.roundId);
  const rejudging = await lockRejudging(tx, known.id);
  if (rejudging?.state !== "scoring" || movedAt(rejudging).getTime() !== movedAt(known).getTime())
    return false;
  await endCancelled(ctx, tx, rejudging, why);
  return true;
}

async function askAgain(ctx: Context, tx: Tx, known: RejudgingRow): Promise<void> {
  const rejudging = await lockRejudging(tx, known.id);
  if (rejudging?.state !== "scoring" || rejudging.calledAt?.getTime() !== known.calledAt?.getTime()) return;
  await updateRejudging(tx, known.id, { calledAt: ctx.clock.now() });
  await emit(ctx, tx, { type: "rejudging.due", rejudging_id: known.id as Id<"rejudging"> });
}

async function tell(ctx: Context, rejudging: RejudgingRow): Promise<string> {
  const wait = await waitOfRejudging(ctx, rejudging);
  if (!wait)
    return `It was dropped by Podium: the scorer that a node had taken gave no word beyond its time limit.`;
  const lacks = wait.nodes.slice(0, NAMED).map(({ node, reason }) => `${node}: ${reason}`);
  const named = lacks.length > 0 ? ` (${lacks.join("; ")})` : "";
  return `It was dropped by Podium: no node took the scorer within ${waitInWords(ctx)}${named}. No score has changed. Bring back a node that can run it, then start anew.`;
}
