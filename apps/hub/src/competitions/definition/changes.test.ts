import { expect, test } from "bun:test";
import { competitionDefinitionSchema } from "@podium/shared";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant, makeMember } from "../../testing/factories.ts";
import { recordChange } from "../history/record-change.ts";
import { findCompetition, findEntrant } from "../store.ts";
import { listCompetitionChanges } from "./changes.ts";
import { editCompetition } from "./edit.ts";

const PAGE = { limit: 50, before: undefined };

test("entrants see what concerns them: no addresses, no seeds, nobody else's bans, not who did it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { organizer, name } = await makeCompetition(ctx, {
      round: { opens_at: "2030-01-01T00:00:00Z", split: { share: 0.5, seed: "tell-nobody" } },
    });
    const [one, other] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
    const found = await findCompetition(db, { name });
    if (!found) throw new Error("none");
    const definition = competitionDefinitionSchema.parse({
      ...found.competition.definition,
      title: "Another",
      eligibility: { emails: ["ann@uni.example"] },
      rounds: found.competition.definition.rounds.map((round) => ({
        ...round,
        split: { share: 0.5, seed: "new-seed" },
      })),
    });
    const banned = await findEntrant(db, found.competition.id, one.team.id);
    await db.transaction(async (tx) => {
      await editCompetition(organizer, tx, name, {
        definition,
        data: [],
        version: 1,
        dryRun: false,
        reason: "why",
      });
      await recordChange(organizer, tx, {
        competitionId: found.competition.id,
        entrantId: banned?.id ?? "",
        action: "banned",
        details: { own: true },
      });
      await recordChange(organizer, tx, { competitionId: found.competition.id, action: "noted" });
    });

    const seen = async (member: typeof one) => listCompetitionChanges(member, name, PAGE);
    expect((await seen(organizer)).map(({ action }) => action)).toEqual(["noted", "banned", "edited"]);
    expect((await seen(one)).map(({ action }) => action)).toEqual(["banned", "edited"]);
    expect((await seen(other)).map(({ action }) => action)).toEqual(["edited"]);
    expect((await seen(await makeMember(ctx)))[0]).toMatchObject({
      actor: null,
      reason: "why",
      details: { version: 2, changes: [{ path: "title", before: "A contest", after: "Another" }] },
    });
    const all = JSON.stringify(await seen(organizer));
    expect(all).toContain("ann@uni.example");
    expect(all).not.toContain("seed-");
    expect(all).not.toContain("tell-nobody");
    expect(all).not.toContain("new-seed");
  }));

test("the history comes a page at a time", () =>
  withRollback(async (db) => {
    const { organizer, name } = await makeCompetition(systemContext(db));
    const id = (await findCompetition(db, { name }))?.competition.id ?? "";
    for (const action of ["edited", "paused", "resumed"])
      await db.transaction((tx) => recordChange(organizer, tx, { competitionId: id, action }));
    const [first] = await listCompetitionChanges(organizer, name, { limit: 1, before: undefined });
    expect(first?.action).toBe("resumed");
    const rest = await listCompetitionChanges(organizer, name, { limit: 5, before: first?.id });
    expect(rest.map(({ action }) => action)).toEqual(["paused", "edited"]);
  }));
