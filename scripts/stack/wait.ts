/** Asks every `everyMs` until the answer is true; false when `withinMs` have passed. */
export async function waitUntil(
  isTrue: () => boolean | Promise<boolean>,
  { withinMs, everyMs = 50 }: { withinMs: number; everyMs?: number },
): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    if (await isTrue()) return true;
    if (Date.now() >= deadline) return false;
    await Bun.sleep(everyMs);
  }
}
