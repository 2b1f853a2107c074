import { DomainError } from "@podium/shared";
import { lockRound } from "../../competitions/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { applyOrGoOn } from "./settle.ts";
import { lockRejudging, progressOf, type RejudgingRow } from "./store.ts";

/**
 * Makes a rejudging's scores the ones that count: at once, or, where submissions have come in since, as soon as those
 * have theirs. Asking again changes nothing. @throws DomainError `conflict` while it is scoring, or when it is over
 */
export async function applyRejudging(ctx: Context, tx: Tx, known: RejudgingRow): Promise<void> {
  await lockRound(tx, known.roundId);
  const rejudging = await lockRejudging(tx, known.id);
  if (rejudging?.state === "applied" || (rejudging?.state === "scoring" && rejudging.applyRequestedAt))
    return;
  if (rejudging?.state === "scoring") {
    const { pending, scored, failed } = await progressOf(tx, rejudging.id);
    const all = pending + scored + failed;
    throw new DomainError(
      "conflict",
      `It has scored ${scored + failed} of ${all}. Look at it, then apply it.`,
    );
  }
  if (rejudging?.state !== "ready")
    throw new DomainError(
      "conflict",
      `This rejudging is ${rejudging?.state ?? "gone"}: it can't be applied.`,
    );
  await applyOrGoOn(ctx, tx, rejudging);
}
