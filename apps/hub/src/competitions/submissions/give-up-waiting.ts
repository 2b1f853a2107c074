import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { oneByOne } from "../../platform/one-by-one.ts";
import { lockSession, type SessionRow, stopSession, whyWaiting } from "../../sessions/index.ts";
import { lockSubmission, waitingSubmissions } from "../store.ts";
import { failSubmission } from "./fail.ts";

const HOUR_MS = 3_600_000;
/** How many nodes the message names. */
const NAMED = 5;

/**
 * Ends submissions whose inference no node has taken within `inferWaitMs` of its first being asked for, at no cost to
 * their entrants: a node may never return, and a round closes only once all that it accepted has ended (invariant 3).
 * What runs when that time is over may end: it has a limit of its own, and waits no more if its node is lost.
 */
export async function giveUpWaiting(ctx: Context): Promise<void> {
  const before = new Date(ctx.clock.now().getTime() - ctx.settings.inferWaitMs);
  const waiting = await waitingSubmissions(ctx.db, before);
  await oneByOne(ctx, waiting, "giving up waiting submissions", async ({ id, session }) => {
    const message = await tell(ctx, session);
    if (await ctx.db.transaction((tx) => giveUp(ctx, tx, id, session.id, message)))
      ctx.log.warn({ submission: id, session: session.id }, "a submission was given up: no node took it");
  });
}

/** False: it has been placed since. Then it runs, and is let go on. */
async function giveUp(
  ctx: Context,
  tx: Tx,
  id: string,
  sessionId: string,
  message: string,
): Promise<boolean> {
  const submission = await lockSubmission(tx, id);
  const session = await lockSession(tx, sessionId);
  const waits = session?.state === "queued" || session?.state === "retrying";
  if (submission?.state !== "inferring" || !waits) return false;
  await stopSession(ctx, tx, sessionId, "no node took it in time");
  await failSubmission(ctx, tx, id, { code: "no_node", message, platform: true });
  return true;
}

async function tell(ctx: Context, session: SessionRow): Promise<string> {
  const hours = Math.round(ctx.settings.inferWaitMs / HOUR_MS);
  const { nodes } = await whyWaiting(ctx, session);
  const lacks = nodes.slice(0, NAMED).map(({ node, reason }) => `${node}: ${reason}`);
  return `No node could run this within ${hours} hours${lacks.length > 0 ? ` (${lacks.join("; ")})` : ""}. It cost you nothing and is no try: submit again.`;
}
