const MINUTE_MS = 60_000;
/** The queue knows 2^21 - 1 priorities, from 1; a minute each, they come around again after almost four years. */
const PLACES = 2 ** 21 - 1;
/** Of what entrants don't wait for. */
export const LAST_PLACE = PLACES;

/**
 * Priority of a scoring job: the smaller, the sooner it is taken. Of one minute, what came first goes first; an
 * entrant's submissions are a minute apart at least while they wait (see competitions/fair-turn.ts).
 * @param turn  `submissions.priority`, in milliseconds; undefined in events from before turns were kept
 */
export function placeInQueue(turn: number | undefined): number {
  return (Math.floor((turn ?? 0) / MINUTE_MS) % PLACES) + 1;
}
