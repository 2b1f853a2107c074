import { type Context, requireAdmin } from "../platform/context.ts";
import { newSecret, sha256 } from "../platform/secrets.ts";
import { insertJoinToken } from "./store.ts";

const VALID_MS = 24 * 3_600_000;

/** Makes a join token, valid for a day; its text is in the answer and nowhere else. Administrators only. */
export async function createJoinToken(ctx: Context): Promise<{ join_token: string }> {
  requireAdmin(ctx);
  const token = newSecret("join");
  const now = ctx.clock.now();
  await insertJoinToken(ctx.db, {
    id: ctx.ids.next("joinToken"),
    sha256: sha256(token),
    createdBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    expiresAt: new Date(now.getTime() + VALID_MS),
    createdAt: now,
  });
  return { join_token: token };
}
