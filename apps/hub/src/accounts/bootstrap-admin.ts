import type { Context } from "../platform/context.ts";
import type { Auth } from "./auth.ts";
import { signUp } from "./sign-up.ts";
import { findUser, setUserRole } from "./store.ts";

/** Makes the first administrator from the configuration; does nothing once that account exists. */
export async function bootstrapAdmin(
  ctx: Context,
  auth: Auth,
  admin: { email: string; password: string },
): Promise<void> {
  if (!(await findUser(ctx.db, { email: admin.email }))) {
    await signUp(ctx, auth, { ...admin, name: "admin" });
    ctx.log.info({ email: admin.email }, "made the first administrator");
  }
  await setUserRole(ctx.db, admin.email, "admin", ctx.clock.now());
}
