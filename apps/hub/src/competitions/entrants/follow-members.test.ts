import { expect, test } from "bun:test";
import { findTeam } from "../../teams/index.ts";
import { systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { type Member, makeCompetition, makeMember } from "../../testing/factories.ts";
import {
  again,
  leave as leaveByRule,
  makeTeam,
  membersOf,
  submitFor,
  take as takeByRule,
  userOf,
} from "../../testing/teams.ts";
import { ban } from "./ban.ts";
import { followMembers } from "./follow-members.ts";
import { joinCompetition } from "./join.ts";

const join = (who: Member, name: string) =>
  who.db.transaction((tx) => joinCompetition(who, tx, { name, team: who.team.slug }));

const take = (team: Member, friend: Member) => takeByRule(team, friend, followMembers);
const leave = (who: Member, slug: string) => leaveByRule(who, slug, followMembers);

test("who joins a team that takes part does so too, and with no other", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { definition: { teams: { max_members: 2 } } });
    const team = await makeTeam(await makeMember(ctx));
    await join(team, name);
    const [bob, eve] = [await makeMember(ctx), await makeMember(ctx)];
    await join(eve, name);

    await expect(take(team, eve)).rejects.toThrow(`takes part in "${name}" already`);
    await take(team, bob);
    await expect(join(bob, name)).rejects.toThrow(`already, with team "${team.team.slug}"`);
    await expect(take(team, await makeMember(ctx))).rejects.toThrow("may have 2 members");
  }));

test("from the lock date on teams stay as they are", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const teams = { locked_at: "2026-01-01T12:00:01Z" };
    const { name } = await makeCompetition(ctx, { definition: { teams } });
    const bob = await makeMember(ctx);
    const team = await makeTeam(await makeMember(ctx), bob);
    await join(team, name);
    ctx.clock.advance(1_000);
    await expect(take(team, await makeMember(ctx))).rejects.toThrow("teams stay as they are");
    await expect(leave(await again(bob), team.team.slug)).rejects.toThrow("teams stay as they are");
    expect(await membersOf(team)).toHaveLength(2);
  }));

test("who leaves before anything was submitted may take part elsewhere; afterwards not, nor when banned", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    const [bob, eve, joe] = [await makeMember(ctx), await makeMember(ctx), await makeMember(ctx)];
    const team = await makeTeam(await makeMember(ctx), bob, eve);
    const banned = await makeTeam(await makeMember(ctx), joe);
    await join(team, name);
    await join(banned, name);

    await leave(await again(bob), team.team.slug);
    expect((await join(bob, name)).entrant.state).toBe("active");
    await submitFor(team, name);
    await leave(await again(eve), team.team.slug);
    await expect(join(eve, name)).rejects.toMatchObject({ code: "conflict" });
    await take(team, eve);
    const input = { name, team: banned.team.slug, reason: "shared answers" };
    await db.transaction((tx) => ban(organizer, tx, input));
    await leave(await again(joe), banned.team.slug);
    await expect(join(joe, name)).rejects.toMatchObject({ code: "conflict" });
  }));

test("who takes part does not get among its organizers, nor an organizer among those", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    const team = await makeTeam(await makeMember(ctx));
    await join(team, name);
    await expect(take(team, organizer)).rejects.toMatchObject({ code: "forbidden" });
    const entrant = team;
    // The organizing team is somebody's own here; the rule is asked directly.
    const row = await findTeam(db, { id: organizer.team.id });
    if (!row) throw new Error("no team");
    const change = { kind: "joins" as const, team: row, user: userOf(entrant) };
    await expect(db.transaction((tx) => followMembers(ctx, tx, change))).rejects.toThrow("organizes");
  }));

test("a person who is taken in by ten teams at once, all of which take part, gets into one", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const friend = await makeMember(ctx);
    const teams: Member[] = [];
    for (let n = 0; n < 10; n++) teams.push(await makeTeam(await makeMember(ctx)));
    for (const team of teams) await join(team, name);
    const outcomes = await Promise.allSettled(teams.map((team) => take(team, friend)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const sizes = await Promise.all(teams.map(async (team) => (await membersOf(team)).length));
    expect(sizes.toSorted()).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
  }));
