import { expect, test } from "bun:test";
import { verifyBoards } from "../leaderboards/index.ts";
import { apiOf } from "../testing/api.ts";
import { makeScored, spoilRow } from "../testing/boards.ts";
import { systemContext, type TestContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { type Member, makeCompetition, makeEntrant, makeMember } from "../testing/factories.ts";
import { settle } from "../testing/jobs.ts";
import { makeTeam } from "../testing/teams.ts";

type Note = { kind: string; subject: string; text: string };
const notesOf = async (member: Member): Promise<Note[]> =>
  (await apiOf(member).ask("GET", "/notifications")).json().items;

test("a team hears that it was excluded, with the organizer's reason, and that it is in again; others don't", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    const [member, other] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
    const { ask } = apiOf(organizer);
    const path = `/competitions/${name}/entrants/${member.team.slug}`;
    expect((await ask("POST", `${path}/ban`, { reason: "Two accounts of one person." })).status).toBe(200);
    await settle(ctx);
    expect((await ask("POST", `${path}/unban`, {})).status).toBe(200);
    await settle(ctx);

    const [readmitted, excluded, ...more] = await notesOf(member);
    expect(more).toEqual([]);
    expect(excluded).toMatchObject({ kind: "entrant.judged" });
    expect(excluded?.text).toContain(`was excluded from "${name}"`);
    expect(excluded?.text).toContain("Two accounts of one person.");
    expect(readmitted?.text).toBe(`"${member.team.slug}" takes part in "${name}" again.`);
    for (const each of [other, organizer]) expect(await notesOf(each)).toEqual([]);
  }));

/** Two teams that take part, and a proposal of the first to become part of the second. */
async function propose(ctx: TestContext) {
  const { name, organizer } = await makeCompetition(ctx);
  const [from, into] = [await makeTeam(await makeMember(ctx)), await makeTeam(await makeMember(ctx))];
  for (const { ask, team } of [from, into].map((each) => ({ ...apiOf(each), team: each.team.slug })))
    expect((await ask("POST", `/competitions/${name}/entrants`, { team })).status).toBe(201);
  const body = { team: from.team.slug, into: into.team.slug };
  const { id } = (await apiOf(from).ask("POST", `/competitions/${name}/merges`, body)).json();
  const answer = async (who: Member, verb: string) => {
    const answered = await apiOf(who).ask("POST", `/competitions/${name}/merges/${id}/${verb}`, {});
    expect(answered.status).toBe(200);
    await settle(ctx);
  };
  return { name, organizer, from, into, id, answer };
}

test("a proposed merge is told to whom it was made, and its acceptance to who made it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { organizer, from, into, id, answer } = await propose(ctx);
    await settle(ctx);
    const [asked] = await notesOf(into);
    expect(asked).toMatchObject({ kind: "merge.proposed", subject: id });
    expect(asked?.text).toContain(`"${from.team.slug}" proposes to become part of "${into.team.slug}"`);
    expect(await notesOf(from)).toEqual([]);

    await answer(into, "accept");
    expect(await notesOf(from)).toMatchObject([
      { kind: "merge.answered", text: expect.stringContaining(`"${into.team.slug}" has accepted`) },
    ]);
    expect(await notesOf(into)).toHaveLength(1);
    expect(await notesOf(organizer)).toEqual([]);
  }));

test("who had proposed to a team that then became part of another hears that it came to nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, from, into, answer } = await propose(ctx);
    const third = await makeTeam(await makeMember(ctx));
    const { ask } = apiOf(third);
    const [team, path] = [third.team.slug, `/competitions/${name}`];
    expect((await ask("POST", `${path}/entrants`, { team })).status).toBe(201);
    const asked = await ask("POST", `${path}/merges`, { team, into: from.team.slug });
    expect(asked.status).toBe(201);
    await answer(into, "accept");
    expect(await notesOf(third)).toMatchObject([
      {
        kind: "merge.answered",
        subject: asked.json().id,
        text: expect.stringContaining(`"${from.team.slug}" has become part of another team`),
      },
    ]);
  }));

test("a refusal is told to who proposed, what was taken back to who was asked", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const refused = await propose(ctx);
    await refused.answer(refused.into, "refuse");
    expect((await notesOf(refused.from)).map(({ text }) => text)).toEqual([
      expect.stringContaining("has refused"),
    ]);
    // It was answered before its proposal was told of.
    expect(await notesOf(refused.into)).toEqual([]);

    const withdrawn = await propose(ctx);
    await settle(ctx);
    await withdrawn.answer(withdrawn.from, "withdraw");
    expect((await notesOf(withdrawn.into)).map(({ kind }) => kind)).toEqual([
      "merge.answered",
      "merge.proposed",
    ]);
  }));

test("a board that was wrong is told to its organizer and to administrators, once; to no entrant", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const admin = await makeMember(ctx, "admin");
    const contest = await makeScored(ctx, [1, 2]);
    await settle(ctx);
    const before = (await notesOf(admin)).length;
    ctx.clock.advance(3_600_000);
    await spoilRow(ctx, contest.roundId, 0.001);
    expect(await verifyBoards(ctx)).toBe(4);
    await settle(ctx);
    expect(await verifyBoards(ctx)).toBe(0);
    await settle(ctx);

    const [ofOrganizer, ...others] = await notesOf(contest.organizer);
    expect(others).toEqual([]);
    expect(ofOrganizer?.kind).toBe("leaderboard.wrong");
    expect(ofOrganizer?.text).toContain(`The leaderboard of "${contest.name}", round-1, was other`);
    expect(ofOrganizer?.text).toContain("in 4 rows");
    const ofAdmin = await notesOf(admin);
    expect(ofAdmin).toHaveLength(before + 1);
    expect(ofAdmin[0]?.text).toContain("the hub's log has it");
    for (const member of contest.members)
      expect((await notesOf(member)).map(({ kind }) => kind)).not.toContain("leaderboard.wrong");
  }));
