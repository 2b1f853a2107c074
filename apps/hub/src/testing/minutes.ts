import type { AttemptReport, GivenUsage } from "@podium/shared";
import { sampleFigures } from "../monitoring/figures/sample.ts";
import { type WatchLimits, watchForTrouble } from "../monitoring/watch/watch.ts";
import { events } from "../platform/schema.ts";
import type { TestContext } from "./context.ts";
import { heartbeat } from "./factories.ts";

export const MINUTE = 60_000;
export const LIMITS: WatchLimits = { stallMs: 4 * MINUTE, idleGpus: { share: 0.05, lastsMs: 60 * MINUTE } };
/** Idle GPUs are told long before a session that does nothing. */
export const IDLE_SOON: WatchLimits = {
  stallMs: 60 * MINUTE,
  idleGpus: { share: 0.05, lastsMs: 2 * MINUTE },
};

/** So many minutes pass, each with what the node says of itself, a sample and a look for trouble. */
export async function minutes(
  ctx: TestContext,
  count: number,
  nodeId: string | null,
  reports: AttemptReport[],
  usage: Partial<GivenUsage>,
  limits = LIMITS,
): Promise<void> {
  for (let minute = 0; minute < count; minute++) {
    ctx.clock.advance(MINUTE);
    await heartbeat(ctx, nodeId, reports, { usage });
    await sampleFigures(ctx);
    await watchForTrouble(ctx, limits);
  }
}

/** What was told, as type, kind, team and text. */
export async function told(ctx: TestContext): Promise<unknown[][]> {
  const rows = await ctx.db.select().from(events).orderBy(events.id);
  return rows
    .filter(({ type }) => type.startsWith("alert."))
    .map(({ type, payload }) => [type, payload["alert"], payload["team_id"], payload["text"]]);
}
