const PER_ATTEMPT = 1_000_000_000;

/**
 * Orders the records of all attempts of a session: later placements come after earlier ones, whole; what the members of
 * a gang write comes in the order in which it was stored, so that who follows it misses nothing.
 * @param seq  of the record within its attempt, or the gang's records counted together
 */
export function positionOf(epoch: number, seq: number): number {
  return epoch * PER_ATTEMPT + seq;
}
