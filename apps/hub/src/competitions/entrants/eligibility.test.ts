import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { type Member, makeCompetition, makeMember } from "../../testing/factories.ts";
import { again, makeTeam, userOf } from "../../testing/teams.ts";
import { findCompetition } from "../store.ts";
import { fitsAddress } from "./eligibility.ts";
import { joinCompetition } from "./join.ts";
import { listShownEntrants } from "./store.ts";

const join = (who: Member, name: string) =>
  who.db.transaction((tx) => joinCompetition(who, tx, { name, team: who.team.slug }));

test("an address fits itself or its domain, whatever its case, and nothing that only looks like it", () => {
  const patterns = ["*@Uni.example", "ann@home.example"];
  expect(
    ["bob@uni.example", "BOB@UNI.EXAMPLE", "Ann@home.example"].every((a) => fitsAddress(patterns, a)),
  ).toBe(true);
  expect(
    ["bob@xuni.example", "bob@uni.example.org", "bob@sub.uni.example", "xann@home.example"].filter((a) =>
      fitsAddress(patterns, a),
    ),
  ).toEqual([]);
});

test("every member has to be eligible, and the team by its name and its size", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    const team = await makeTeam(ann, bob);
    const contest = async (definition: Record<string, unknown>) =>
      (await makeCompetition(ctx, { definition })).name;
    const onlyAnn = await contest({ eligibility: { emails: [ann.email] } });
    await expect(join(team, onlyAnn)).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining(userOf(bob).name),
    });
    expect((await join(ann, onlyAnn)).entrant.state).toBe("active");
    await expect(join(bob, await contest({ eligibility: { teams: ["nobodys"] } }))).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(join(team, await contest({ teams: { max_members: 1 } }))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("may have 1 members"),
    });
    const all = await contest({
      eligibility: { emails: ["*@podium.test"], teams: [team.team.slug] },
      teams: { max_members: 2 },
    });
    expect((await join(team, all)).entrant.state).toBe("active");
  }));

test("nobody joins after the time to join", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const eligibility = { join_until: "2026-01-01T12:00:01Z" };
    const { name } = await makeCompetition(ctx, { definition: { eligibility } });
    await join(await makeMember(ctx), name);
    ctx.clock.advance(1_000);
    await expect(join(await makeMember(ctx), name)).rejects.toMatchObject({ code: "round_not_open" });
  }));

test("who organizes takes no part, not even as a member of another team", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    await expect(join(organizer, name)).rejects.toMatchObject({ code: "forbidden" });
    const team = await makeTeam(await makeMember(ctx), organizer);
    await expect(join(team, name)).rejects.toMatchObject({ code: "forbidden" });
  }));

test("of fifty teams of one person that join at once, one takes part", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    const teams: Member[] = [ann];
    for (let n = 1; n < 50; n++) teams.push(await (n % 2 ? makeTeam(ann, bob) : makeTeam(bob, ann)));
    const latest = await Promise.all(
      teams.map(async (team) => ({ ...(await again(team)), team: team.team })),
    );

    const outcomes = await Promise.allSettled(latest.map((team) => join(team, name)));

    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(refused).toHaveLength(49);
    for (const reason of refused)
      expect(reason).toMatchObject({
        code: "conflict",
        message: expect.stringContaining("already, with team"),
      });
    const competitionId = (await findCompetition(db, { name }))?.competition.id ?? "";
    expect(await listShownEntrants(db, { competitionId, limit: 100 })).toHaveLength(1);
  }));
