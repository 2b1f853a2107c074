import { DomainError } from "@podium/shared";
import { type Context, type PlatformRole, requireAdmin } from "../platform/context.ts";
import { findUser, setUserRole } from "./store.ts";

/**
 * Gives a user a platform role (`organizer` may create competitions). Administrators only, and none their own: so one
 * is always left.
 */
export async function setRole(ctx: Context, input: { email: string; role: PlatformRole }): Promise<void> {
  requireAdmin(ctx);
  const user = await findUser(ctx.db, { email: input.email });
  if (ctx.actor.kind === "user" && user?.id === ctx.actor.userId && input.role !== "admin") {
    throw new DomainError("conflict", "You are an administrator: only another one can take that from you.");
  }
  if (!(await setUserRole(ctx.db, input.email, input.role, ctx.clock.now()))) {
    throw new DomainError("not_found", `Nobody has signed up as ${input.email}.`);
  }
}
