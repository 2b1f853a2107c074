import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { grantCredits } from "./grant.ts";
import { listEntries } from "./store.ts";

test("an administrator gives a team credit; the entry says why", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [admin, { team }] = [await makeMember(ctx, "admin"), await makeMember(ctx, "participant", 0)];

    const balance = await grantCredits(admin, { team: team.slug, amount: 2e6, memo: "for the course" });

    expect(balance).toEqual({ team: team.slug, available: 2e6, held: 0, spent: 0 });
    expect(await listEntries(db, team.id, 10, undefined)).toMatchObject([
      { kind: "grant", account: "available", amount: 2e6, memo: "for the course" },
    ]);
  }));

test.each(["participant", "organizer"] as const)(
  "a %s can't give credit, not even to their own team",
  (role) =>
    withRollback(async (db) => {
      const member = await makeMember(systemContext(db), role, 0);
      await expect(
        grantCredits(member, { team: member.team.slug, amount: 1, memo: "" }),
      ).rejects.toMatchObject({
        code: "forbidden",
      });
      expect(await listEntries(db, member.team.id, 10, undefined)).toEqual([]);
    }),
);

test("an unknown team is not found", () =>
  withRollback(async (db) => {
    await expect(
      grantCredits(systemContext(db), { team: "nobody", amount: 1, memo: "" }),
    ).rejects.toMatchObject({
      code: "not_found",
    });
  }));
