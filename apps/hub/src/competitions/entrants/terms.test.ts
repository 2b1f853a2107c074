import { expect, test } from "bun:test";
import { sha256 } from "../../platform/secrets.ts";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeCompetition, makeMember } from "../../testing/factories.ts";
import { submitFile } from "../../testing/submissions.ts";
import { competitions } from "../schema.ts";
import { findCompetition } from "../store.ts";
import { joinCompetition } from "./join.ts";
import { termsHash } from "./terms.ts";

const TERMS = "Seid fair – und ehrlich.";
const join = (who: Member, name: string, terms?: string) =>
  who.db.transaction((tx) => joinCompetition(who, tx, { name, terms }));

/** The organizer's terms become these. */
async function setTerms(ctx: TestContext, name: string, content: string): Promise<void> {
  const found = await findCompetition(ctx.db, { name });
  if (!found) throw new Error("no competition");
  // The only competition of the test's transaction.
  await ctx.db
    .update(competitions)
    .set({ definition: { ...found.competition.definition, terms: { content } } });
}

test("terms are named by the SHA-256 of their text in UTF-8", () => {
  expect(termsHash({ terms: { content: TERMS } })).toBe(sha256(new TextEncoder().encode(TERMS)));
  expect(termsHash({})).toBeNull();
});

test("who joins agrees to the terms as they are: neither to none nor to others", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { definition: { terms: { content: TERMS } } });
    const member = await makeMember(ctx);
    await expect(join(member, name)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`podium competition terms ${name}`),
      details: { terms: sha256(TERMS) },
    });
    await expect(join(member, name, sha256("other"))).rejects.toThrow("as they are now");
    const { entrant } = await join(member, name, sha256(TERMS));
    const { actor } = member;
    expect(entrant).toMatchObject({
      termsHash: sha256(TERMS),
      termsAcceptedBy: actor.kind === "user" ? actor.userId : "",
    });
  }));

test("after the terms were edited an entrant agrees again before it submits", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const member = await makeMember(ctx);
    await join(member, name);
    await submitFile(member, name);
    await setTerms(ctx, name, TERMS);

    await expect(submitFile(member, name)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`podium competition join ${name} --team ${member.team.slug}`),
    });
    await join(member, name);
    await expect(submitFile(member, name)).rejects.toMatchObject({ code: "conflict" });
    await expect(join(member, name, sha256("other"))).rejects.toMatchObject({ code: "conflict" });
    await join(member, name, sha256(TERMS));
    expect((await submitFile(member, name)).number).toBe(2);
  }));
