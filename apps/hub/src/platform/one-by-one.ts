import type { Context } from "./context.ts";

/**
 * Does a sweep's work for each item in turn. One that fails is logged and holds up nobody: the next sweep tries it
 * again.
 */
export async function oneByOne<T>(
  ctx: Pick<Context, "log">,
  items: readonly T[],
  sweep: string,
  work: (item: T) => Promise<void>,
): Promise<void> {
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      ctx.log.error({ err: error, sweep, item }, "one of a sweep failed; the next sweep tries it again");
    }
  }
}
