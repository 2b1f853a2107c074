import { expect, test } from "bun:test";
import { authOf, newcomer } from "../testing/auth.ts";
import { systemContext } from "../testing/context.ts";
import { withDatabase, withRollback } from "../testing/database.ts";
import { credentials } from "./schema.ts";
import { signUp } from "./sign-up.ts";
import { findUser } from "./store.ts";

test("an account is a participant's, its cookie is for this site alone, its password is not stored", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const somebody = newcomer();

    const { userId, headers } = await signUp(ctx, authOf(ctx).auth, somebody);

    expect(await findUser(db, { id: userId })).toMatchObject({ name: somebody.name, role: "participant" });
    expect(headers.get("set-cookie")).toMatch(/HttpOnly.*SameSite=Lax/);
    const [stored] = await db.select().from(credentials);
    expect(stored?.password).toStartWith("$argon2id$");
  }));

test("a name or an address that is taken is a conflict", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { auth } = authOf(ctx);
    const first = newcomer();
    await signUp(ctx, auth, first);

    await expect(signUp(ctx, auth, { ...newcomer(), name: first.name })).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(signUp(ctx, auth, { ...newcomer(), email: first.email })).rejects.toMatchObject({
      code: "conflict",
    });
  }));

test("of ten who ask for one name at once, one gets it and the others are told", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { auth } = authOf(ctx);
    const calls = Array.from({ length: 10 }, () => signUp(ctx, auth, { ...newcomer(), name: "wanted" }));

    const outcomes = await Promise.allSettled(calls);

    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(refused.map(({ code }) => code)).toEqual(Array(9).fill("conflict"));
  }));
