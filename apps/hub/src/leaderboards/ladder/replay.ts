import type { Context } from "../../platform/context.ts";
import { lockStandings } from "../store.ts";
import { climb, type Rung } from "./ladder.ts";
import { readLosses } from "./losses.ts";
import { type LadderStep, ladderOf, writeLadder } from "./store.ts";

/**
 * Replays the Ladder over an entrant's submissions in the order that they were made in. Steps that are stored hold as
 * long as the submission before and the losses are the same ones; from the first other one on, all are made anew.
 */
export async function replayLadder(ctx: Context, roundId: string, entrantId: string): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    await lockStandings(tx, [entrantId]);
    const inside = { ...ctx, db: tx as unknown as Context["db"] };
    const made = await ladderOf(tx, roundId, entrantId);
    const steps: LadderStep[] = [];
    let kept = 0;
    let rung: (Rung & { id: string }) | null = null;
    for (const { id, lossesTree, step } of made) {
      const before: LadderStep | undefined = steps.at(-1);
      const previousId = before?.submissionId ?? null;
      if (step && kept === steps.length && step.lossesTree === lossesTree && step.previousId === previousId) {
        steps.push(step);
        kept += 1;
        continue;
      }
      rung ??= before ? await rungOf(inside, made, before.shownId) : null;
      const losses = await readLosses(inside, lossesTree, "public");
      if (!losses) continue;
      const next = climb(rung, losses);
      if (next && next !== rung) rung = { ...next, id };
      steps.push({ submissionId: id, entrantId, roundId, previousId, lossesTree, shownId: rung?.id ?? id });
    }
    await writeLadder(tx, roundId, entrantId, steps, kept);
  });
}

/** The rung that a stored step shows. */
async function rungOf(
  ctx: Context,
  made: readonly { id: string; lossesTree: string }[],
  id: string,
): Promise<(Rung & { id: string }) | null> {
  const of = made.find((each) => each.id === id);
  const losses = of ? await readLosses(ctx, of.lossesTree, "public") : null;
  const rung = losses ? climb(null, losses) : null;
  return rung ? { ...rung, id } : null;
}
