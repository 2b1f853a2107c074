import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { enqueueSession, NO_ENVIRONMENT } from "../sessions/index.ts";
import { finishStudy, lockStudy, trialsOf, updateTrial } from "./store.ts";

/**
 * Starts waiting trials up to the study's parallelism, and finishes the study after the last. Repeating it is harmless.
 * @param refused  what a trial whose session is refused means: it has failed, or (`throw`) the caller hears of it
 */
export async function advanceStudy(
  ctx: Context,
  tx: Tx,
  studyId: string,
  refused: "fail" | "throw" = "fail",
): Promise<void> {
  const study = await lockStudy(tx, studyId);
  if (study?.state !== "running") return;
  const trials = await trialsOf(tx, studyId);
  let running = trials.filter((trial) => trial.state === "running").length;
  let waiting = 0;
  for (const trial of trials.filter((each) => each.state === "waiting")) {
    if (running >= study.parallel) {
      waiting += 1;
      continue;
    }
    try {
      // A study that was made before sessions had environments says nothing of one.
      const spec = {
        ...NO_ENVIRONMENT,
        ...study.spec,
        args: [...study.spec.args, ...trial.args],
        memo: `trial ${trial.number}`,
        origin: trial.id,
      };
      const session = await enqueueSession(ctx, tx, spec);
      await updateTrial(tx, trial.id, { state: "running", sessionId: session.id });
      running += 1;
    } catch (error) {
      if (refused === "throw" || !(error instanceof DomainError)) throw error;
      await updateTrial(tx, trial.id, { state: "failed" });
    }
  }
  if (running === 0 && waiting === 0) await finishStudy(tx, studyId);
  await emit(ctx, tx, {
    type: "study.changed",
    study_id: studyId as Id<"study">,
    team_id: study.teamId as Id<"team">,
  });
}
