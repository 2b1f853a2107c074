import type { SessionNotice } from "@podium/shared";
import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "../../platform/database.ts";
import { attempts, sessions } from "../schema.ts";

/** Beside a row of `sessions`: what is wrong with its attempt (of a gang, rank 0's) while that runs. */
export const shownNotice = sql<SessionNotice | null>`(
  select a.notice from attempts a where a.id = ${sessions.attemptId} and a.state = 'running')`;

/** Writes a notice to an attempt that runs, or takes it away. The session that it is of; null when it does not run. */
export async function setNotice(tx: Tx, attemptId: string, notice: SessionNotice | null) {
  const [row] = await tx
    .update(attempts)
    .set({ notice })
    .from(sessions)
    .where(
      and(eq(attempts.id, attemptId), eq(attempts.state, "running"), eq(sessions.id, attempts.sessionId)),
    )
    .returning({ sessionId: sessions.id, teamId: sessions.teamId });
  return row ?? null;
}
