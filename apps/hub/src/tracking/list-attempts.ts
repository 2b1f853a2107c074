import type { Attempt, Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { placements, visibleSession } from "../sessions/index.ts";
import { attemptsOf } from "./store.ts";

/**
 * Where and when a session ran, how each attempt ended, and up to where its log and metrics have arrived.
 * @throws DomainError `not_found`
 */
export async function listAttempts(ctx: Context, sessionId: string): Promise<Attempt[]> {
  const { session } = await visibleSession(ctx, sessionId);
  const rows = await attemptsOf(ctx.db, session.id);
  return rows.map(({ attempt, node, lineAt, pointAt }) => ({
    id: attempt.id as Id<"attempt">,
    number: placements(attempt),
    rank: attempt.rank,
    node,
    state: attempt.state,
    created_at: attempt.createdAt.toISOString(),
    started_at: attempt.startedAt?.toISOString() ?? null,
    ended_at: attempt.endedAt?.toISOString() ?? null,
    exit_code: attempt.exitCode,
    was_ended: attempt.wasEnded,
    failure: attempt.failure,
    records: attempt.ackedSeq,
    recorded_until: latest(lineAt, pointAt),
    // It is said to have ended only once all that it wrote is stored.
    complete: attempt.state === "ended",
  }));
}

function latest(...moments: (string | null)[]): string | null {
  const times = moments.flatMap((at) => (at === null ? [] : [new Date(at).getTime()]));
  return times.length === 0 ? null : new Date(Math.max(...times)).toISOString();
}
