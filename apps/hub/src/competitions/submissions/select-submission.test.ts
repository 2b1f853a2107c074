import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { type Member, makeCompetition, makeEntrant } from "../../testing/factories.ts";
import { fail, giveSample, reloadSubmission, roundOf, score, submitFile } from "../../testing/submissions.ts";
import { closeRound } from "../rounds/close-round.ts";
import { selectSubmission } from "./select-submission.ts";

const chosen = { definition: { leaderboard: { final: { selected: 2 } } } };

const select = (member: Member, { id }: { id: string }, selected = true) =>
  member.db.transaction((tx) => selectSubmission(member, tx, { id, selected }));

async function scored(entrant: Member, name: string, value = 1) {
  const submission = await submitFile(entrant, name);
  await score(entrant, submission, value);
  return submission;
}

test("as many are chosen as the contest says; to choose another one, one has to be let go", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, chosen);
    const entrant = await makeEntrant(ctx, name);
    const [a, b, c] = [await scored(entrant, name), await scored(entrant, name), await scored(entrant, name)];
    for (const each of [a, b, a]) await select(entrant, each);
    await expect(select(entrant, c)).rejects.toMatchObject({
      code: "conflict",
      message: `Numbers 1, 2 of this round are chosen, which is as many as may be. Let go of one first: podium competition select ${name} 1 --undo.`,
    });
    await select(entrant, a, false);
    await select(entrant, c);
    const flags = [];
    for (const each of [a, b, c]) flags.push((await reloadSubmission(ctx, each)).selected);
    expect(flags).toEqual([false, true, true]);
  }));

test("chosen at the same moment, no more than the bound are", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, chosen);
    const entrant = await makeEntrant(ctx, name);
    const all = [];
    for (let n = 0; n < 5; n++) all.push(await scored(entrant, name));
    const outcomes = await Promise.allSettled(all.map((each) => select(entrant, each)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  }));

test("refused is what has no score, another team's, any in a contest without a choice, and any once the round has closed", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx, chosen);
    const [entrant, rival] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
    const queued = await submitFile(entrant, name);
    await expect(select(entrant, queued)).rejects.toMatchObject({
      message: expect.stringContaining("is scoring"),
    });
    await fail(ctx, queued);
    await expect(select(entrant, queued)).rejects.toMatchObject({
      message: expect.stringContaining("is failed"),
    });
    await giveSample(organizer, name);
    const trial = await submitFile(entrant, name, "id,prediction\ns,1\nt,2\n", { trial: true });
    await score(ctx, trial, 0);
    await expect(select(entrant, trial)).rejects.toMatchObject({
      message: expect.stringContaining("trial run"),
    });

    const own = await scored(entrant, name);
    for (const other of [rival, organizer])
      await expect(select(other, own)).rejects.toMatchObject({ code: "not_found" });
    await db.transaction(async (tx) => closeRound(ctx, tx, (await roundOf(ctx, name)).id));
    await expect(select(entrant, own)).rejects.toMatchObject({ code: "round_not_open" });

    const plain = await makeCompetition(ctx);
    const there = await makeEntrant(ctx, plain.name);
    await expect(select(there, await scored(there, plain.name))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("the best submission counts"),
    });
  }));
