import { and, desc, inArray, isNotNull, isNull, ne, sql } from "drizzle-orm";
import { usageSlices } from "../../credits/schema.ts";
import type { Tx } from "../../platform/database.ts";
import { attempts, sessions } from "../schema.ts";

/**
 * Those of these attempts that run and pay, with their sessions, which are locked. One whose session somebody else has
 * locked is left out: waiting for several sessions at once could go round in a circle.
 */
export async function lockPaying(tx: Tx, attemptIds: readonly string[]) {
  const among = inArray(attempts.id, [...attemptIds]);
  const { id, epoch, teamId, name, prices, resources } = sessions;
  const owners = await tx
    .select({ id, epoch, teamId, name, prices, resources })
    .from(sessions)
    .where(
      and(
        inArray(id, tx.select({ id: attempts.sessionId }).from(attempts).where(among)),
        ne(sessions.state, "stopping"),
      ),
    )
    .orderBy(id)
    .for("no key update", { skipLocked: true });
  const byId = new Map(owners.map((session) => [session.id, session]));
  // Read under the locks: an attempt ends, and begins to run, only under its session's.
  const isLive = sql`${attempts.state} not in ('ended', 'lost')`;
  const rows = await tx
    .select({ id: attempts.id, sessionId: attempts.sessionId, epoch: attempts.epoch })
    .from(attempts)
    .where(and(among, isLive, isNotNull(attempts.startedAt), isNull(attempts.endedAt)))
    .orderBy(attempts.id);
  return rows.flatMap((attempt) => {
    const session = byId.get(attempt.sessionId);
    return session && session.epoch === attempt.epoch ? [{ attemptId: attempt.id, session }] : [];
  });
}

/** The last slice of each attempt's time that has been reserved, by attempt. */
export async function lastSlices(tx: Tx, attemptIds: readonly string[]) {
  const { attemptId, slice, endsAt } = usageSlices;
  const rows = await tx
    .selectDistinctOn([attemptId], { attemptId, slice, endsAt })
    .from(usageSlices)
    .where(inArray(attemptId, [...attemptIds]))
    .orderBy(attemptId, desc(slice));
  return new Map(rows.map((row) => [row.attemptId, row]));
}
