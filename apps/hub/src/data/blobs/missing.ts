import type { Context } from "../../platform/context.ts";
import { useOwnedBlobs } from "./store.ts";

/** Which of these a team has not sent; the others are kept long enough to be named in a tree. */
export async function missingBlobs(
  ctx: Context,
  input: { teamId: string; sha256: readonly string[] },
): Promise<string[]> {
  const owned = await useOwnedBlobs(ctx.db, input.teamId, input.sha256, ctx.clock.now());
  return input.sha256.filter((hash) => !owned.has(hash));
}
