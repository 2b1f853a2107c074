import { expect, test } from "bun:test";
import { mayReadTree } from "../../data/index.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeCompetition, makeEntrant, makeMember } from "../../testing/factories.ts";
import { reloadSubmission, submitFile } from "../../testing/submissions.ts";
import { again, leave, makeTeam, take } from "../../testing/teams.ts";
import { listChanges } from "../history/store.ts";
import { closeRound } from "../rounds/close-round.ts";
import { concludeRound } from "../rounds/conclude-round.ts";
import { openRound } from "../rounds/open-round.ts";
import { findCompetition, findEntrant, listRounds } from "../store.ts";
import { ban } from "./ban.ts";
import { followMembers } from "./follow-members.ts";
import { joinCompetition } from "./join.ts";
import { unban } from "./unban.ts";

const reason = "Two accounts of one person.";
const exclude = (who: Member, name: string, team: string) =>
  who.db.transaction((tx) => ban(who, tx, { name, team, reason }));
const letIn = (who: Member, name: string, team: string) =>
  who.db.transaction((tx) => unban(who, tx, { name, team, reason: "They are two." }));

test("the organizer excludes an entrant and lets it in again, each with a reason on record", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    const member = await makeEntrant(ctx, name);
    const { slug } = member.team;
    const waiting = await submitFile(member, name);

    await exclude(organizer, name, slug);

    expect((await reloadSubmission(ctx, waiting)).failure).toEqual({
      code: "banned",
      message: `The organizer of "${name}" has excluded team "${slug}": ${reason}`,
    });
    await expect(submitFile(member, name)).rejects.toMatchObject({ code: "not_an_entrant" });
    await expect(exclude(organizer, name, slug)).rejects.toMatchObject({ code: "conflict" });
    await letIn(organizer, name, slug);
    expect((await submitFile(member, name)).number).toBe(2);
    await expect(letIn(organizer, name, slug)).rejects.toMatchObject({ code: "conflict" });
    const competition = (await findCompetition(db, { name }))?.competition;
    expect(await listChanges(db, competition?.id ?? "", 10, undefined)).toMatchObject([
      { change: { action: "unbanned", reason: "They are two." } },
      { change: { action: "banned", reason } },
    ]);
  }));

test("nobody else may: no entrant, and not who organizes another contest", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const { organizer: another } = await makeCompetition(ctx);
    const [member, rival] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
    for (const who of [another, rival, await makeMember(ctx)]) {
      await expect(exclude(who, name, member.team.slug)).rejects.toMatchObject({ code: "forbidden" });
      await expect(letIn(who, name, member.team.slug)).rejects.toMatchObject({ code: "forbidden" });
    }
  }));

test("a banned entrant gets no later round's data; let in again after the others went on it is eliminated", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx, { rounds: 2 });
    const [banned, other] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
    await exclude(organizer, name, banned.team.slug);
    const competition = (await findCompetition(db, { name }))?.competition;
    const [first] = await listRounds(db, competition?.id ?? "");
    await db.transaction((tx) => closeRound(ctx, tx, first?.id ?? ""));
    await db.transaction((tx) => concludeRound(ctx, tx, first?.id ?? "", async () => []));
    const stateOf = async ({ team }: Member) =>
      (await findEntrant(db, competition?.id ?? "", team.id))?.state;
    expect(await stateOf(other)).toBe("active");
    await letIn(organizer, name, banned.team.slug);
    expect(await stateOf(banned)).toBe("eliminated");
  }));

test("who joins a banned team may take part elsewhere; then the team is let in only without them", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    const team = await makeTeam(await makeMember(ctx));
    await db.transaction((tx) => joinCompetition(team, tx, { name, team: team.team.slug }));
    await exclude(organizer, name, team.team.slug);
    const [bob, eve] = [await makeMember(ctx), await makeMember(ctx)];
    for (const friend of [bob, eve]) await take(team, friend, followMembers);
    await db.transaction((tx) => joinCompetition(bob, tx, { name }));
    await expect(letIn(organizer, name, team.team.slug)).rejects.toThrow("takes part in");
    await leave(await again(bob), team.team.slug, followMembers);
    await letIn(organizer, name, team.team.slug);
    await expect(db.transaction((tx) => joinCompetition(eve, tx, { name }))).rejects.toThrow(
      `already, with team "${team.team.slug}"`,
    );
  }));

test("one that joined before the opening and is let in after it may read the round's data then", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const opens_at = "2026-02-01T00:00:00Z";
    const { name, organizer, trees } = await makeCompetition(ctx, { round: { opens_at } });
    const member = await makeEntrant(ctx, name);
    await exclude(organizer, name, member.team.slug);
    const competition = (await findCompetition(db, { name }))?.competition;
    const [round] = await listRounds(db, competition?.id ?? "");
    if (round) await db.transaction((tx) => openRound(ctx, tx, round));
    expect(await mayReadTree(db, trees.train, [member.team.id])).toBe(false);
    await letIn(organizer, name, member.team.slug);
    expect(await mayReadTree(db, trees.train, [member.team.id])).toBe(true);
  }));
