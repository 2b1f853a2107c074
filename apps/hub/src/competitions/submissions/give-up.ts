import type { Context } from "../../platform/context.ts";
import { oneByOne } from "../../platform/one-by-one.ts";
import { stuckSubmissions } from "../store.ts";
import { failSubmission } from "./fail.ts";

/** Longer than all retries of a job take: nobody works any more on what has not moved on for so long. */
const STUCK_MS = 2 * 3_600_000;

/**
 * Ends submissions that the platform has failed to end (invariant 3: each reaches a terminal state), at no cost to
 * their entrants. Running inference is not being stuck, for sessions have bounds of their own; waiting for a node has the
 * one of `giveUpWaiting`.
 */
export async function giveUpStuck(ctx: Context): Promise<void> {
  const stuck = await stuckSubmissions(ctx.db, new Date(ctx.clock.now().getTime() - STUCK_MS));
  await oneByOne(ctx, stuck, "giving up stuck submissions", async ({ id }) => {
    ctx.log.error({ submission: id }, "a submission got stuck and was given up: see the failed jobs");
    const message = "Podium could not score this within two hours. It cost you nothing: submit again.";
    await ctx.db.transaction((tx) =>
      failSubmission(ctx, tx, id, { code: "platform_error", message, platform: true }),
    );
  });
}
