import type { ScoringWait } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { type SessionRow, whyWaiting } from "../../sessions/index.ts";
import type { RejudgingRow } from "../rejudging/store.ts";
import { movedAt, waitsOf } from "./store.ts";

interface Waiting {
  waiting: number;
  since: Date;
  /** The first that waits; null: none could be queued. */
  session: SessionRow | null;
  refusedBy: ScoringWait["nodes"] | null;
}

/** What scorings that no node has taken wait for, as the scheduler sees the first of them. Costs a look at all nodes. */
export async function showWait(
  ctx: Context,
  { waiting, since, session, refusedBy }: Waiting,
): Promise<ScoringWait> {
  const why = session ? await whyWaiting(ctx, session) : null;
  return {
    waiting,
    since: since.toISOString(),
    gives_up_at: new Date(since.getTime() + ctx.settings.inferWaitMs).toISOString(),
    session: session?.name ?? null,
    starts_at: why?.starts_at ?? null,
    rule: why ? why.rule : "room",
    nodes: why?.nodes ?? refusedBy ?? [],
  };
}

/** What a rejudging waits for; null: a node is at it, or it waits for none. */
export async function waitOfRejudging(ctx: Context, rejudging: RejudgingRow): Promise<ScoringWait | null> {
  if (rejudging.state !== "scoring") return null;
  const { waiting, running, first } = await waitsOf(ctx.db, rejudging.id);
  const { refusedBy } = rejudging;
  if (running > 0 || (waiting === 0 && !refusedBy)) return null;
  return showWait(ctx, { waiting, since: movedAt(rejudging), session: first, refusedBy });
}
