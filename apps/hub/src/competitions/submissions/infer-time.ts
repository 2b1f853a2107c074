import { DomainError, durationMs, type Resources } from "@podium/shared";
import { costOfSessions, currentPrices } from "../../credits/index.ts";
import type { Tx } from "../../platform/database.ts";
import type { EntrantRow, RoundRow } from "../store.ts";
import { mostItCosts, timeWithin } from "./credit-budget.ts";
import { runsOf } from "./store.ts";

interface Run {
  entrant: EntrantRow;
  round: RoundRow;
  resources: Resources;
  trial?: boolean | undefined;
}

const CREDIT = 1_000_000;

/**
 * How long a submission's inference may take, ms: the round's limit, or less where less of the entrant's credit budget
 * is left. What is under way counts with the most that it can cost, so that the budget holds whoever ends first; called
 * under the entrant's lock. Trial runs have no part in it.
 * @throws DomainError `limit_reached` when not even a minute is left
 */
export async function inferTime(tx: Tx, { entrant, round, resources, trial }: Run): Promise<number> {
  const { limits } = round.definition;
  const limitMs = durationMs(limits.infer_timeout);
  if (limits.credits === undefined || trial) return limitMs;
  const prices = await currentPrices(tx);
  const runs = await runsOf(tx, entrant.id, round.id);
  const ended = runs.filter((run) => !run.isUnderWay);
  const spent = await costOfSessions(
    tx,
    ended.flatMap((run) => run.inferSessionId ?? []),
  );
  const reserved = runs
    .filter((run) => run.isUnderWay)
    .reduce((sum, run) => {
      const needs = run.run?.resources ?? run.trained;
      return sum + (needs ? mostItCosts(prices, needs, run.inferMs ?? limitMs) : 0);
    }, 0);
  const left = limits.credits * CREDIT - spent - reserved;
  const ms = timeWithin(left, prices, resources, limitMs);
  if (ms > 0) return ms;
  const credits = (micro: number) => Math.round(micro / 1e4) / 100;
  throw new DomainError(
    "limit_reached",
    `Of the ${limits.credits} credits that your runs in this round may cost, ${credits(spent)} are spent and ${credits(reserved)} kept for what is under way: too little for a minute of this one. ${reserved > 0 ? "Wait for those to end, submit a prediction file," : "Submit a prediction file,"} or ask for less.`,
  );
}
