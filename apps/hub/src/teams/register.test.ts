import { expect, test } from "bun:test";
import { authOf, newcomer } from "../testing/auth.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { createTeam } from "./create.ts";
import { register } from "./register.ts";
import { membershipsOf } from "./store.ts";

const address = "192.0.2.1";

test("who signs up owns a personal team of their name", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { auth, attempts } = authOf(ctx);
    const somebody = newcomer();

    const { userId } = await register(ctx, auth, attempts, { ...somebody, address });

    expect(await membershipsOf(db, userId)).toMatchObject([
      { slug: somebody.name, role: "owner", personal: true },
    ]);
  }));

test("a name that a team bears is taken", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { auth, attempts } = authOf(ctx);
    const { slug } = await createTeam(await makeMember(ctx), { slug: newcomer().name });
    const call = register(ctx, auth, attempts, { ...newcomer(), name: slug, address });
    await expect(call).rejects.toMatchObject({ code: "conflict" });
  }));

test("one address does not make accounts without end", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { auth, attempts } = authOf(ctx);
    for (let made = 0; made < 300; made++) attempts.take(`sign-up:${address}`, 300);
    const call = register(ctx, auth, attempts, { ...newcomer(), address });
    await expect(call).rejects.toMatchObject({ code: "limit_reached" });
  }));
