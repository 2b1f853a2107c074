import type { Context } from "../platform/context.ts";
import { findSession, isEnded } from "../sessions/index.ts";
import { lastValue } from "../tracking/index.ts";
import { advanceStudy } from "./advance.ts";
import { findStudy, findTrial, lockStudy, updateTrial } from "./store.ts";

/** Takes the objective's last value of a trial that has ended, and lets the next one start. */
export async function collectTrial(ctx: Context, sessionId: string): Promise<void> {
  const trial = await findTrial(ctx.db, sessionId);
  const found = trial ? await findStudy(ctx.db, trial.studyId) : null;
  if (!trial || !found) return;
  await ctx.db.transaction(async (tx) => {
    await lockStudy(tx, trial.studyId);
    const session = await findSession(tx, { id: sessionId });
    const current = await findTrial(tx, sessionId);
    if (!session || !isEnded(session.state) || current?.state !== "running") return;
    const value = await lastValue(tx, sessionId, found.study.objective.metric);
    const state = session.state === "succeeded" && value !== null ? "succeeded" : "failed";
    await updateTrial(tx, trial.id, { state, value });
    await advanceStudy(ctx, tx, trial.studyId);
  });
}
