import { DomainError } from "@podium/shared";
import { type Context, type PlatformRole, requireAdmin } from "../platform/context.ts";
import { setUserRole } from "./store.ts";

/** Gives a user a platform role (`organizer` may create competitions). Administrators only. */
export async function setRole(ctx: Context, input: { email: string; role: PlatformRole }): Promise<void> {
  requireAdmin(ctx);
  if (!(await setUserRole(ctx.db, input.email, input.role, ctx.clock.now()))) {
    throw new DomainError("not_found", `Nobody has signed up as ${input.email}.`);
  }
}
