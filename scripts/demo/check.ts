/** A promise of the demo that did not hold. */
class CheckFailed extends Error {
  override readonly name = "CheckFailed";
}

/** Ends the demo with what is wrong unless the promise holds. */
export function check(holds: boolean, promise: string): void {
  if (!holds) throw new CheckFailed(`This did not hold: ${promise}`);
}
