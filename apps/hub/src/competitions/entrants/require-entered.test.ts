import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withDatabase } from "../../testing/database.ts";
import { makeCompetition, makeEntrant } from "../../testing/factories.ts";
import { submitFile } from "../../testing/submissions.ts";
import { findCompetition } from "../store.ts";
import { acceptMerge } from "./merging/accept.ts";
import { proposeMerge } from "./merging/propose.ts";
import { listShownEntrants } from "./store.ts";

test("of submissions that come while entrants merge, each counts for the merged one or is refused", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: { limits: { pending: 100 } } });
    const [ann, bob] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
    const { id } = await db.transaction((tx) => proposeMerge(ann, tx, { name, into: bob.team.slug }));
    const team = `${bob.team.slug}-both`;

    const [merge, ...outcomes] = await Promise.allSettled([
      db.transaction((tx) => acceptMerge(bob, tx, { name, id, team })),
      ...[ann, bob, ann, bob, ann, bob].map((member) => submitFile(member, name)),
    ]);

    const competitionId = (await findCompetition(db, { name }))?.competition.id ?? "";
    const entrants = await listShownEntrants(db, { competitionId, limit: 10 });
    const teamOf = new Map(entrants.map(({ entrant }) => [entrant.id, entrant.teamId]));
    const merged = merge?.status === "fulfilled";
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") {
        expect(outcome.reason).toMatchObject({ code: "not_an_entrant" });
        continue;
      }
      // What is under way keeps two from merging: then all of it stays where it was made.
      expect(merged).toBe(false);
      expect(teamOf.get(outcome.value.entrantId)).toBe(outcome.value.teamId);
    }
  }));
