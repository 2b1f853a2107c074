const MINUTE_MS = 60_000;

/**
 * Whose turn it is between entrants, in milliseconds; the smallest is served first. DOMjudge's rule: an entrant's next
 * submission comes after its previous one, and a minute later for each that it has under way. So however many one
 * entrant hands in, somebody else's single one is next.
 * @param last  turn of the entrant's submission before
 * @param underWay  how many of its submissions, trial runs among them, have not ended
 */
export function fairTurn(last: number, now: Date, underWay: number): number {
  return Math.max(last + 1, now.getTime() + MINUTE_MS * underWay);
}
