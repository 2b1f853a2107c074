import { expect, test } from "bun:test";
import { authOf } from "../testing/auth.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { createToken } from "./create-token.ts";
import { createIdentifier } from "./identify.ts";
import { apiTokens } from "./schema.ts";

test("a token names its maker, and only its hash is stored", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { auth } = authOf(ctx);
    const member = await makeMember(ctx, "organizer");

    const made = await createToken(member, auth, { name: "laptop" });

    expect(made).toMatchObject({ name: "laptop", expires_at: null });
    expect(made.token).toStartWith("pdm_");
    const stored = await db.select().from(apiTokens);
    expect(JSON.stringify(stored)).not.toContain(made.token);
    const headers = new Headers({ authorization: `Bearer ${made.token}` });
    const identity = await createIdentifier(db, auth, ctx.clock).identify(headers);
    expect(identity).toEqual({
      userId: (member.actor as { userId: `usr_${string}` }).userId,
      role: "organizer",
    });
  }));

test("a token that is altered, or nobody's, names nobody", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { auth } = authOf(ctx);
    const { token } = await createToken(await makeMember(ctx), auth, { name: "laptop" });
    const identifier = createIdentifier(db, auth, ctx.clock);

    for (const bearer of [`${token}x`, token.slice(0, -1), "pdm_", "pdm_nonsense"]) {
      expect(await identifier.identify(new Headers({ authorization: `Bearer ${bearer}` }))).toBeNull();
    }
  }));

test("nobody gets a token without an account", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const call = createToken(ctx, authOf(ctx).auth, { name: "laptop" });
    await expect(call).rejects.toMatchObject({ code: "unauthenticated" });
  }));
