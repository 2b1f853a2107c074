import { expect, test } from "bun:test";
import { mayReadTree } from "../../../data/index.ts";
import { systemContext, type TestContext } from "../../../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../../../testing/database.ts";
import { creditOf, type Member, makeCompetition, makeMember } from "../../../testing/factories.ts";
import { reloadSubmission, score } from "../../../testing/submissions.ts";
import { again, makeTeam, membersOf, submitFor } from "../../../testing/teams.ts";
import { listChanges } from "../../history/store.ts";
import { findCompetition } from "../../store.ts";
import { joinCompetition } from "../join.ts";
import { listShownEntrants } from "../store.ts";
import { withdraw } from "../withdraw.ts";
import { acceptMerge } from "./accept.ts";
import { refuseMerge, withdrawMerge } from "./answer.ts";
import { proposeMerge } from "./propose.ts";

const join = (who: Member, name: string) =>
  who.db.transaction((tx) => joinCompetition(who, tx, { name, team: who.team.slug }));
const propose = (who: Member, name: string, into: Member) =>
  who.db.transaction((tx) => proposeMerge(who, tx, { name, team: who.team.slug, into: into.team.slug }));
const accept = (who: Member, name: string, id: string, team?: string) =>
  who.db.transaction((tx) => acceptMerge(who, tx, { name, id, team }));
const entrantsOf = async (ctx: TestContext, name: string) => {
  const competitionId = (await findCompetition(ctx.db, { name }))?.competition.id ?? "";
  return listShownEntrants(ctx.db, { competitionId, limit: 100 });
};

/** Two teams of two that take part. */
async function rivals(ctx: TestContext, overrides: Parameters<typeof makeCompetition>[1] = {}) {
  const contest = await makeCompetition(ctx, overrides);
  const teams: Member[] = [];
  for (let n = 0; n < 2; n++) {
    const team = await makeTeam(await makeMember(ctx), await makeMember(ctx));
    await join(team, contest.name);
    teams.push(team);
  }
  const [from, into] = teams;
  if (!from || !into) throw new Error("no teams");
  return { ...contest, from, into };
}

test("two become one: people, submissions and their numbers are together, scores and credit as they were", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, from, into } = await rivals(ctx);
    const [first, second, own] = [
      await submitFor(from, name),
      await submitFor(from, name),
      await submitFor(into, name),
    ];
    for (const [index, submission] of [first, second, own].entries()) await score(ctx, submission, index);
    const credit = [await creditOf(from), await creditOf(into)];
    const { id } = await propose(from, name, into);

    expect(await accept(into, name, id)).toMatchObject({
      from: from.team.slug,
      into: into.team.slug,
      state: "done",
    });

    expect(await entrantsOf(ctx, name)).toMatchObject([
      { team: from.team.slug, members: 0, mergedInto: into.team.slug, entrant: { state: "merged" } },
      { team: into.team.slug, members: 4, mergedInto: null, entrant: { state: "active" } },
    ]);
    expect(await membersOf(into)).toHaveLength(4);
    const now = [];
    for (const submission of [own, first, second]) now.push(await reloadSubmission(ctx, submission));
    expect(
      now.map(({ number, entrantId, teamId, score: value }) => [number, entrantId, teamId, value]),
    ).toEqual([
      [1, own.entrantId, into.team.id, 2],
      [2, own.entrantId, into.team.id, 0],
      [3, own.entrantId, into.team.id, 1],
    ]);
    expect([await creditOf(from), await creditOf(into)]).toEqual(credit);
    const competition = (await findCompetition(db, { name }))?.competition;
    expect(await listChanges(db, competition?.id ?? "", 10, undefined)).toMatchObject([
      {
        change: {
          action: "merged",
          details: {
            numbers: [
              { was: 1, number: 2 },
              { was: 2, number: 3 },
            ],
          },
        },
      },
    ]);
    expect((await outboxTypes(db)).filter((type) => type === "entrant.changed")).toHaveLength(4);
    // The merged entrant goes on where its numbers end; the other is no entrant any more.
    expect((await submitFor(into, name)).number).toBe(4);
    await expect(submitFor(from, name)).rejects.toMatchObject({ code: "not_an_entrant" });
  }));

test("where a personal team is merged into, a new team takes its place, with the data of the open round", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, trees } = await makeCompetition(ctx);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    await join(ann, name);
    await join(bob, name);
    const own = await submitFor(bob, name);
    await score(ctx, own, 1);
    const { id } = await propose(ann, name, bob);
    await expect(accept(bob, name, id)).rejects.toMatchObject({ code: "invalid_request" });
    await expect(accept(bob, name, id, ann.team.slug)).rejects.toThrow("is taken");
    const slug = `${bob.team.slug}-and-ann`;

    await accept(bob, name, id, slug);

    const team = (await again(ann)).actor;
    const shared = team.kind === "user" ? team.teams.find((each) => each.slug === slug) : undefined;
    expect(shared).toMatchObject({ role: "member", personal: false });
    expect(await mayReadTree(db, trees.train, [shared?.id ?? ""])).toBe(true);
    expect(await reloadSubmission(ctx, own)).toMatchObject({ teamId: shared?.id, number: 1 });
    expect(
      (await entrantsOf(ctx, name)).map(({ team: name, entrant }) => [name, entrant.state]).sort(),
    ).toEqual(
      [
        [ann.team.slug, "merged"],
        [slug, "active"],
      ].sort(),
    );
    expect(await membersOf(bob)).toHaveLength(1);
  }));

test("refused is a merge past Kaggle's limits, that is too large, too late, forbidden, or has something under way", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const busy = await rivals(ctx, { round: { limits: { per_day: 2 } } });
    const made = [
      await submitFor(busy.from, busy.name),
      await submitFor(busy.from, busy.name),
      await submitFor(busy.into, busy.name),
    ];
    for (const submission of made) await score(ctx, submission, 1);
    await expect(propose(busy.from, busy.name, busy.into)).rejects.toThrow("together you have made 3");
    ctx.clock.advance(86_400_000);
    const { id } = await propose(busy.from, busy.name, busy.into);
    const late = await submitFor(busy.into, busy.name);
    await expect(accept(busy.into, busy.name, id)).rejects.toThrow("under way");
    await score(ctx, late, 1);
    await accept(busy.into, busy.name, id);

    const large = await rivals(ctx, { definition: { teams: { max_members: 3 } } });
    await expect(propose(large.from, large.name, large.into)).rejects.toThrow("may have 3 members");
    const never = await rivals(ctx, { definition: { teams: { merges: false } } });
    await expect(propose(never.from, never.name, never.into)).rejects.toThrow("allows no merges");
    const locked = await rivals(ctx, { definition: { teams: { locked_at: "2026-01-03T00:00:00Z" } } });
    const proposal = await propose(locked.from, locked.name, locked.into);
    ctx.clock.advance(86_400_000);
    await expect(accept(locked.into, locked.name, proposal.id)).rejects.toThrow("teams stay as they are");
    const gone = await rivals(ctx);
    await db.transaction((tx) => withdraw(gone.into, tx, gone.name, gone.into.team.slug));
    await expect(propose(gone.from, gone.name, gone.into)).rejects.toThrow("is withdrawn");
  }));

test("only who leads a team speaks for it, and an answer is given once", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, from, into } = await rivals(ctx);
    const plain = (await membersOf(into)).find(({ role }) => role === "member");
    const { id } = await propose(from, name, into);
    await expect(propose(from, name, into)).rejects.toMatchObject({ code: "conflict" });
    await expect(propose(from, name, from)).rejects.toMatchObject({ code: "invalid_request" });
    const stranger = await makeMember(ctx);
    await expect(accept(stranger, name, id)).rejects.toMatchObject({ code: "not_found" });
    await expect(accept(from, name, id)).rejects.toMatchObject({ code: "forbidden" });
    const teams = [{ ...into.team, role: "member" as const }];
    const actor = {
      kind: "user" as const,
      userId: plain?.user_id as `usr_${string}`,
      role: "participant" as const,
      teams,
    };
    await expect(accept({ ...into, actor }, name, id)).rejects.toMatchObject({ code: "forbidden" });
    const answer = (work: typeof refuseMerge, who: Member) =>
      db.transaction((tx) => work(who, tx, { name, id }));
    await expect(answer(refuseMerge, from)).rejects.toMatchObject({ code: "forbidden" });
    await expect(answer(withdrawMerge, into)).rejects.toMatchObject({ code: "forbidden" });
    await answer(refuseMerge, into);
    for (const again of [answer(withdrawMerge, from), answer(refuseMerge, into), accept(into, name, id)])
      await expect(again).rejects.toMatchObject({ code: "conflict" });
  }));

test("of merges both ways, and with others, at once, each entrant is merged once and nobody is lost", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { definition: { teams: { max_members: 4 } } });
    const teams: Member[] = [];
    for (let n = 0; n < 4; n++) {
      const team = await makeTeam(await makeMember(ctx));
      await join(team, name);
      await score(ctx, await submitFor(team, name), n);
      teams.push(team);
    }
    const proposals: { id: string; into: Member }[] = [];
    for (const from of teams)
      for (const into of teams)
        if (from !== into) proposals.push({ ...(await propose(from, name, into)), into });

    const outcomes = await Promise.allSettled(proposals.map(({ id, into }) => accept(into, name, id)));

    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "conflict" });
    const done = outcomes.filter(({ status }) => status === "fulfilled").length;
    const all = await entrantsOf(ctx, name);
    expect(all.filter(({ entrant }) => entrant.state === "merged")).toHaveLength(done);
    expect(done).toBeGreaterThan(0);
    expect(all.reduce((sum, { members }) => sum + members, 0)).toBe(4);
    const active = all.filter(({ entrant }) => entrant.state === "active");
    expect(active.reduce((sum, { members }) => sum + members, 0)).toBe(4);
  }));
