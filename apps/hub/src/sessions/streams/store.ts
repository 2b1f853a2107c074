import { and, eq, gt, isNotNull, isNull } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import { attempts, sessions, streams } from "../schema.ts";

export async function insertStream(tx: Tx, row: typeof streams.$inferInsert): Promise<void> {
  await tx.insert(streams).values(row);
}

/** A stream with the node that its attempt is on, and the session. */
export async function findStream(db: Db | Tx, id: string) {
  const [row] = await db
    .select({ stream: streams, nodeId: attempts.nodeId, teamId: sessions.teamId })
    .from(streams)
    .innerJoin(attempts, eq(attempts.id, streams.attemptId))
    .innerJoin(sessions, eq(sessions.id, streams.sessionId))
    .where(eq(streams.id, id));
  return row ?? null;
}

/** Marks what happens to a stream, each thing once. False when it has happened, or the stream has ended. */
export async function markStream(
  db: Db | Tx,
  id: string,
  what: "waitingAt" | "joinedAt" | "endedAt",
  now: Date,
): Promise<boolean> {
  const marked = await db
    .update(streams)
    .set({ [what]: now })
    .where(and(eq(streams.id, id), isNull(streams[what]), isNull(streams.endedAt)))
    .returning({ id: streams.id });
  return marked.length === 1;
}

/** Streams of a node's sessions that somebody waits at since `after`, and no runner has dialled in for. */
export function awaitedStreams(db: Db | Tx, nodeId: string, after: Date) {
  return db
    .select({ stream: streams })
    .from(streams)
    .innerJoin(attempts, eq(attempts.id, streams.attemptId))
    .where(
      and(
        eq(attempts.nodeId, nodeId),
        isNotNull(streams.waitingAt),
        gt(streams.waitingAt, after),
        isNull(streams.joinedAt),
        isNull(streams.endedAt),
      ),
    )
    .orderBy(streams.id)
    .limit(100);
}
