/**
 * Turns any number of nudges into as few runs as needed: one at a time, and one more when a nudge came meanwhile.
 * So the last change is always seen, and a burst of changes doesn't pile up requests.
 */
export function createNudge(run: () => Promise<unknown>): () => void {
  let running = false;
  let again = false;
  const start = async () => {
    running = true;
    do {
      again = false;
      await run().catch(() => undefined); // the view that fetches shows its own error
    } while (again);
    running = false;
  };
  return () => {
    if (running) again = true;
    else void start();
  };
}
