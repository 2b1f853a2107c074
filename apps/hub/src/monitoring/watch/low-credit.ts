import { MICROCREDITS } from "@podium/shared";
import { priceOf } from "../../credits/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Finding } from "./judge.ts";
import { balancesOf, heldNow, payingSessions, toldSubjects } from "./store.ts";

const MINUTE_MS = 60_000;
/** A team is told when its credit lasts for less than this, and that it is enough again above the second. */
const LOW_MINUTES = 10;
const ENOUGH_MINUTES = 15;

/**
 * Teams whose credit covers less than ten minutes of what runs now. What is reserved already is paid for, and not counted.
 */
export async function findLowCredit(ctx: Context): Promise<Finding[]> {
  const models = Map.groupBy(await heldNow(ctx.db), ({ attemptId }) => attemptId);
  const aMinute = new Map<string, number>();
  for (const { attemptId, teamId, prices, resources } of await payingSessions(ctx.db)) {
    const itsModels = (models.get(attemptId) ?? []).map(({ model }) => model);
    const price = priceOf(prices, resources, itsModels, MINUTE_MS);
    aMinute.set(teamId, (aMinute.get(teamId) ?? 0) + price);
  }
  const paying = [...aMinute].filter(([, price]) => price > 0);
  const balances = await balancesOf(
    ctx.db,
    paying.map(([teamId]) => teamId),
  );
  const told = await toldSubjects(ctx.db, "credits.low");
  return paying.flatMap(([teamId, price]) => {
    const balance = balances.get(teamId) ?? 0;
    const minutes = balance / price;
    return minutes < (told.has(teamId) ? ENOUGH_MINUTES : LOW_MINUTES)
      ? [lowOf(teamId, balance, minutes)]
      : [];
  });
}

function lowOf(teamId: string, balance: number, minutes: number): Finding {
  const credits = Math.round((balance / MICROCREDITS) * 100) / 100;
  return {
    kind: "credits.low",
    subject: teamId,
    teamId,
    nodeId: null,
    sessionId: null,
    text: `Your team has ${credits} credits left: at what runs now, enough for about ${Math.floor(minutes)} minutes. Then running sessions are asked for a checkpoint; training is paused: with credit, podium resume goes on with it.`,
    lastsMs: 0,
  };
}
