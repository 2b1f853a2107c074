import { DomainError } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Auth } from "./auth.ts";
import { signUp } from "./sign-up.ts";
import { findUser, setUserRole } from "./store.ts";

interface Admin {
  email: string;
  password: string;
}

/**
 * Sees to it that the administrator of the configuration exists. An account that somebody else has opened under this
 * address is not promoted: its password must be the configured one. Several hubs may start at once.
 * @throws Error, for the operator, when it is another
 */
export async function bootstrapAdmin(ctx: Context, auth: Auth, admin: Admin): Promise<void> {
  const known = await findUser(ctx.db, { email: admin.email });
  if (known?.role === "admin") return;
  if (known !== null || !(await makeAccount(ctx, auth, admin))) await requirePassword(auth, admin);
  await setUserRole(ctx.db, admin.email, "admin", ctx.clock.now());
  ctx.log.info({ email: admin.email }, "this account is an administrator now");
}

/** False when another hub has made it meanwhile. */
async function makeAccount(ctx: Context, auth: Auth, admin: Admin): Promise<boolean> {
  const taken = (await findUser(ctx.db, { name: "admin" })) !== null;
  const name = taken ? `admin-${ctx.ids.next("user").slice(-8)}` : "admin";
  try {
    await signUp(ctx, auth, { ...admin, name });
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === "conflict") return false;
    throw error;
  }
}

async function requirePassword(auth: Auth, admin: Admin): Promise<void> {
  try {
    await auth.api.signInEmail({ body: admin });
  } catch (cause) {
    throw new Error(
      `PODIUM_ADMIN_EMAIL is ${admin.email}, and the account of this address has another password than PODIUM_ADMIN_PASSWORD. Set the right one, or another address.`,
      { cause },
    );
  }
}
