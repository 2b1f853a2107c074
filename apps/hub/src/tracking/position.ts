const PER_ATTEMPT = 1_000_000_000;

/** Orders the records of all attempts of a session: later attempts come after earlier ones, whole. */
export function positionOf(epoch: number, seq: number): number {
  return epoch * PER_ATTEMPT + seq;
}
