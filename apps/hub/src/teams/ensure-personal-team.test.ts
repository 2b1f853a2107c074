import { expect, test } from "bun:test";
import { signUp } from "../accounts/index.ts";
import { authOf, newcomer } from "../testing/auth.ts";
import { systemContext } from "../testing/context.ts";
import { withDatabase, withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { createTeam } from "./create.ts";
import { ensurePersonalTeam } from "./ensure-personal-team.ts";
import { membershipsOf } from "./store.ts";

test("a team that had the name first leaves the user their name and a number", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const somebody = newcomer();
    await createTeam(await makeMember(ctx), { slug: somebody.name });
    const { userId } = await signUp(ctx, authOf(ctx).auth, somebody);

    await db.transaction((tx) => ensurePersonalTeam(ctx, tx, { id: userId, name: somebody.name }));

    expect(await membershipsOf(db, userId)).toMatchObject([{ slug: `${somebody.name}-2`, personal: true }]);
  }));

test("ten first requests at once make one team", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name, ...rest } = newcomer();
    const { userId: id } = await signUp(ctx, authOf(ctx).auth, { name, ...rest });

    await Promise.all(
      Array.from({ length: 10 }, () => db.transaction((tx) => ensurePersonalTeam(ctx, tx, { id, name }))),
    );

    expect(await membershipsOf(db, id)).toHaveLength(1);
  }));
