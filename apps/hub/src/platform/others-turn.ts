/** Steps of a long computation after which everything else that waits gets its turn: a millisecond or two of them. */
const STEPS = 2_000;

/** Lets requests, timers and answers that wait have their turn. */
export const othersTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Does the step for every item in order; whatever else there is to do waits for a slice of them and not for all. */
export async function eachInSlices<T>(items: Iterable<T>, step: (item: T) => void): Promise<void> {
  let left = STEPS;
  for (const item of items) {
    step(item);
    left -= 1;
    if (left > 0) continue;
    left = STEPS;
    await othersTurn();
  }
}
