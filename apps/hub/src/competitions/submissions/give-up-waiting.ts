import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { oneByOne } from "../../platform/one-by-one.ts";
import { isEnded, lockSession, type SessionRow, whyWaiting } from "../../sessions/index.ts";
import { lockSubmission, overdueInference } from "../store.ts";
import { failSubmission, type SubmissionFault } from "./fail.ts";
import { stopUnlessEnding } from "./stop-unless-ending.ts";

const HOUR_MS = 3_600_000;
/** How many nodes the message names. */
const NAMED = 5;

/** Beyond its time limit: to fetch what it reads, build its environment, and be tried again after a node's fault. */
const SLACK_MS = HOUR_MS;

/**
 * Ends submissions whose inference no node has taken within `inferWaitMs` of its first being asked for, at no cost to
 * their entrants: a node may never return, and a round closes only once all that it accepted has ended (invariant 3).
 * What runs when that time is over may end: it has its own time limit and `SLACK_MS`, whatever its node says, and waits no
 * more if that node is lost.
 */
export async function giveUpWaiting(ctx: Context): Promise<void> {
  const bounds = { now: ctx.clock.now(), waitMs: ctx.settings.inferWaitMs, slackMs: SLACK_MS };
  const overdue = await overdueInference(ctx.db, bounds);
  await oneByOne(ctx, overdue, "giving up waiting submissions", async ({ id, session }) => {
    const fault = isPlaced(session) ? HANGS : await noNode(ctx, session);
    if (await ctx.db.transaction((tx) => giveUp(ctx, tx, id, session, fault)))
      ctx.log.warn(
        { submission: id, session: session.id, state: session.state },
        "a submission was given up: its inference did not come to an end",
      );
  });
}

/** False: it has ended since, or was placed since it was found waiting. Then it is let go on. */
async function giveUp(
  ctx: Context,
  tx: Tx,
  id: string,
  known: SessionRow,
  fault: SubmissionFault,
): Promise<boolean> {
  const submission = await lockSubmission(tx, id);
  const session = await lockSession(tx, known.id);
  if (submission?.state !== "inferring" || !session || isEnded(session.state)) return false;
  if (isPlaced(session) && !isPlaced(known)) return false;
  const reason = isPlaced(session) ? "it did not end in time" : "no node took it in time";
  await stopUnlessEnding(ctx, tx, known.id, reason);
  await failSubmission(ctx, tx, id, fault);
  return true;
}

const isPlaced = ({ state }: SessionRow) => state !== "queued" && state !== "retrying";

const HANGS: SubmissionFault = {
  code: "platform_error",
  message:
    "Its node has not ended it, long after its time was over. It cost you nothing and is no try: submit again.",
  platform: true,
};

async function noNode(ctx: Context, session: SessionRow): Promise<SubmissionFault> {
  return { code: "no_node", message: await tell(ctx, session), platform: true };
}

async function tell(ctx: Context, session: SessionRow): Promise<string> {
  const hours = Math.round(ctx.settings.inferWaitMs / HOUR_MS);
  const { nodes } = await whyWaiting(ctx, session);
  const lacks = nodes.slice(0, NAMED).map(({ node, reason }) => `${node}: ${reason}`);
  return `No node could run this within ${hours} hours${lacks.length > 0 ? ` (${lacks.join("; ")})` : ""}. It cost you nothing and is no try: submit again.`;
}
