import { expect, test } from "bun:test";
import { as, systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeCompetition, makeEntrant, makeMember } from "../testing/factories.ts";
import { submitFile } from "../testing/submissions.ts";
import { shownCompetition, visibleSubmission } from "./show.ts";

test("a submission is seen by its team, the organizer and administrators, and by nobody else", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    const [entrant, rival] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
    const { id } = await submitFile(entrant, name);
    for (const who of [entrant, organizer, await makeMember(ctx, "admin")]) {
      expect(await visibleSubmission(who, id)).toMatchObject({
        id,
        competition: name,
        round: "round-1",
        entrant: entrant.team.slug,
        number: 1,
        state: "scoring",
        score: null,
      });
    }
    for (const who of [rival, await makeMember(ctx)])
      await expect(visibleSubmission(who, id)).rejects.toMatchObject({ code: "not_found" });
    const nobody = as(ctx, { kind: "anonymous" });
    await expect(visibleSubmission(nobody, id)).rejects.toMatchObject({ code: "unauthenticated" });
    const unknown = visibleSubmission(entrant, ctx.ids.next("submission"));
    await expect(unknown).rejects.toMatchObject({ code: "not_found" });
  }));

test("a contest says what ranks beside the score, and how many rows are public, never which or what is hidden", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const split = { share: 0.3, seed: "a-secret-word" };
    const definition = {
      columns: [
        { key: "mae", title: "Error", metric: { name: "mae" } },
        { key: "aside", metric: { name: "r2" }, hidden: true },
      ],
      tie_breaks: ["mae"],
      terms: { content: "Be fair." },
    };
    const { name } = await makeCompetition(ctx, { round: { split }, definition });
    const shown = await shownCompetition(await makeMember(ctx), { name });
    expect(shown).toMatchObject({
      columns: [{ key: "mae", title: "Error", order: "ascending" }],
      tie_breaks: ["mae"],
      terms: true,
      rounds: [{ split: { share: 0.3 } }],
    });
    expect(JSON.stringify(shown)).not.toMatch(/secret-word|aside/);
    const plain = await makeCompetition(ctx);
    expect(await shownCompetition(await makeMember(ctx), plain)).toMatchObject({
      columns: [],
      terms: false,
      rounds: [{ split: null }],
    });
  }));
