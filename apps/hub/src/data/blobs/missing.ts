import type { Context } from "../../platform/context.ts";
import { ownedBlobs, touchBlobs } from "./store.ts";

/** Which of these a team has not sent; the others are kept long enough to be named in a tree. */
export async function missingBlobs(
  ctx: Context,
  input: { teamId: string; sha256: readonly string[] },
): Promise<string[]> {
  await touchBlobs(ctx.db, input.sha256, ctx.clock.now(), "not doomed");
  const owned = await ownedBlobs(ctx.db, input.teamId, input.sha256);
  return input.sha256.filter((hash) => !owned.has(hash));
}
