import type { CompetitionDefinition } from "@podium/shared";
import { type Check, doubtful, good, wrong } from "./check.ts";

/** A round shorter than this is more likely a slip in a date than a plan. */
const SHORT_MS = 3_600_000;
/** Entrants read times in whole seconds: a hub that is further off closes rounds visibly early or late. */
const SKEW_MS = 5_000;

/** Checks the times of a contest that is to be created at `now`, the hub's time. Their order is the linter's. */
export function checkClocks(definition: CompetitionDefinition, now: Date): Check[] {
  const checks = definition.rounds.map((round, index) => {
    const what = `times of round ${round.name}`;
    const opens = round.opens_at === undefined ? null : new Date(round.opens_at);
    const closes = round.closes_at === undefined ? null : new Date(round.closes_at);
    // A round without an opening time opens at once, or when the one before it closes.
    const before = definition.rounds[index - 1]?.closes_at;
    const starts = Math.max(now.getTime(), (opens ?? new Date(before ?? now)).getTime());
    if (closes && closes <= now)
      return wrong(what, `closes_at ${round.closes_at} is over: move it, or the round closes as it opens`);
    if (closes && closes.getTime() <= starts)
      return wrong(what, `closes_at ${round.closes_at} is before the round can open: move it`);
    if (closes && closes.getTime() - starts < SHORT_MS)
      return doubtful(
        what,
        `open for ${Math.round((closes.getTime() - starts) / 60_000)} min only: is the offset right?`,
      );
    if (opens && opens < now)
      return doubtful(what, `opens_at ${round.opens_at} is over: the round opens as it is created`);
    if (!closes) return doubtful(what, "no closes_at: it stays open until you close it by hand");
    return good(what, `closes ${round.closes_at}`);
  });
  return [...checks, ...checkJoining(definition, now)];
}

/** Checks that this machine and the hub, asked at `here`, agree about the time; null: the hub didn't say. */
export function checkSkew(hub: Date | null, here: Date): Check {
  const what = "clock of the hub";
  if (hub === null) return doubtful(what, "its answers carry no Date: compare the clocks by hand");
  const offMs = hub.getTime() - here.getTime();
  const seconds = Math.round(Math.abs(offMs) / 1000);
  if (Math.abs(offMs) <= SKEW_MS) return good(what, `within ${SKEW_MS / 1000} s of this machine's`);
  const side = offMs < 0 ? "behind" : "ahead of";
  return doubtful(
    what,
    `${seconds} s ${side} this machine's: rounds follow the hub's, so set whichever is wrong (NTP)`,
  );
}

function checkJoining({ eligibility, teams }: CompetitionDefinition, now: Date): Check[] {
  const isOver = (time: string | undefined) => time !== undefined && new Date(time) <= now;
  return [
    ...(isOver(eligibility?.join_until)
      ? [wrong("joining", `eligibility.join_until ${eligibility?.join_until} is over: nobody could join`)]
      : []),
    ...(isOver(teams.locked_at)
      ? [doubtful("teams", `teams.locked_at ${teams.locked_at} is over: no team could change`)]
      : []),
  ];
}
