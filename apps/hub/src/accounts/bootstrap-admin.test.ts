import { expect, test } from "bun:test";
import { authOf, newcomer } from "../testing/auth.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { bootstrapAdmin } from "./bootstrap-admin.ts";
import { signUp } from "./sign-up.ts";
import { findUser } from "./store.ts";

test("the configured administrator is made once, also when somebody has taken the name", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { auth } = authOf(ctx);
    await signUp(ctx, auth, { ...newcomer(), name: "admin" });
    const { email, password } = newcomer();

    await bootstrapAdmin(ctx, auth, { email, password });
    const made = await findUser(db, { email });
    await bootstrapAdmin(ctx, auth, { email, password: "the configuration may change later" });

    expect(made?.role).toBe("admin");
    expect(await findUser(db, { email })).toEqual(made);
  }));

test("somebody who opened an account under the administrator's address first is not promoted", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { auth } = authOf(ctx);
    const squatter = newcomer();
    await signUp(ctx, auth, squatter);

    const call = bootstrapAdmin(ctx, auth, { email: squatter.email, password: "the-operators-password" });

    await expect(call).rejects.toThrow("has another password than PODIUM_ADMIN_PASSWORD");
    expect((await findUser(db, { email: squatter.email }))?.role).toBe("participant");
  }));
