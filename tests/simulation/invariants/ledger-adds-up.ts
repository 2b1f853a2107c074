import { priceOf } from "../../../apps/hub/src/credits/pricing.ts";
import type { Observation } from "../observation.ts";
import { type Invariant, isLive } from "./invariant.ts";

const SLICE_MS = 60_000;
const OUR_FAULTS = ["platform_error", "node_lost"];

/**
 * Invariant 4: the ledger sums to zero, every account is what its entries come to, no balance is below zero, what is
 * held is what open holds come to, and what was granted is spent, held or there.
 */
export const ledgerAddsUp: Invariant = (now, before) => [
  ...(now.ledgerSum === 0 ? [] : [`invariant 4: the ledger sums to ${now.ledgerSum}`]),
  ...now.accounts.flatMap(({ team_id, kind, balance, entries }) => {
    if (team_id === "") return [];
    if (balance !== entries)
      return `invariant 4: ${team_id} has ${balance} ${kind}, and its entries come to ${entries}`;
    return balance < 0 ? `invariant 4: ${team_id} has ${balance} ${kind}` : [];
  }),
  ...now.holds.flatMap(({ team_id, open, spent, granted }) => {
    const of = (kind: string) =>
      now.accounts.find((each) => each.team_id === team_id && each.kind === kind)?.balance ?? 0;
    if (of("held") !== open)
      return `invariant 4: ${team_id} has ${of("held")} held, and its open holds come to ${open}`;
    const there = granted - open - spent;
    return of("available") === there
      ? []
      : `invariant 4: ${team_id} has ${of("available")} available, and ${there} were not spent`;
  }),
  ...now.slices.flatMap((slice) => {
    const was = before.slices.find(
      (each) => each.attempt_id === slice.attempt_id && each.slice === slice.slice,
    );
    if (was?.state !== "closed" || (slice.state === "closed" && slice.settled === was.settled)) return [];
    return `invariant 4: slice ${slice.slice} of ${slice.attempt_id} was settled at ${was.settled}, and again at ${slice.settled}`;
  }),
  ...paidWhenOver(now),
];

/** An attempt that is over has nothing held; it cost its time, or nothing where the platform was at fault. */
function paidWhenOver({ attempts, sessions, slices }: Observation): string[] {
  return attempts.flatMap((attempt) => {
    const session = sessions.find(({ id }) => id === attempt.session_id);
    if (isLive(attempt) || !session) return [];
    const own = slices.filter(({ attempt_id }) => attempt_id === attempt.id);
    if (own.some(({ state }) => state === "open"))
      return `invariant 4: ${attempt.id} is over and has an open hold`;
    const cost = own.reduce((sum, { settled, refunded }) => sum + (settled ?? 0) - refunded, 0);
    const isOurs = OUR_FAULTS.includes(attempt.failure ?? "");
    const most = isOurs ? 0 : priceOfTime(attempt, session);
    return cost > most
      ? `invariant 4: ${attempt.id} cost ${cost}, and ${most} at the most for its time${isOurs ? ": the platform was at fault" : ""}`
      : [];
  });
}

/** Whole slices, and a part of one, each rounded up. */
function priceOfTime(
  attempt: Observation["attempts"][number],
  session: Observation["sessions"][number],
): number {
  if (attempt.started_ms === null || attempt.ended_ms === null) return 0;
  const models = Array.from({ length: session.resources.gpus }, () => "H100");
  const price = (ms: number) => priceOf(session.prices, session.resources, models, ms);
  const ms = attempt.ended_ms - attempt.started_ms;
  return Math.floor(ms / SLICE_MS) * price(SLICE_MS) + price(ms % SLICE_MS);
}
