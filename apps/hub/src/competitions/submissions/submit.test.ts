import { describe, expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../../testing/database.ts";
import {
  type Member,
  makeCheckpoint,
  makeCompetition,
  makeEntrant,
  makeMember,
  makeSession,
  makeTree,
} from "../../testing/factories.ts";
import {
  giveSample,
  predictions,
  reloadSubmission,
  submitCheckpoint,
  submitCode,
  submitFile,
} from "../../testing/submissions.ts";
import { closeRound } from "../rounds/close-round.ts";
import {
  advanceEntrants,
  findCompetition,
  findRound,
  listRounds,
  roundsToConclude,
  updateSubmission,
} from "../store.ts";
import { failSubmission } from "./fail.ts";
import { submit } from "./submit.ts";

const limits = (given: Record<string, unknown>) => ({ round: { limits: given } });

/** Ends a submission as a scorer would. */
const end = (member: Member, { id }: { id: string }) =>
  member.db.transaction((tx) => updateSubmission(tx, id, { state: "scored", score: 0 }));

test("submissions of an entrant are numbered within the round, and told to those who work on them", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const [first, second] = [await submitFile(entrant, name), await submitCheckpoint(entrant, name)];
    expect(first).toMatchObject({
      number: 1,
      kind: "predictions",
      state: "scoring",
      submittedAt: ctx.clock.now(),
    });
    expect(second).toMatchObject({
      number: 2,
      kind: "checkpoint",
      state: "queued",
      checkpoint: { name: "best" },
    });
    const told = (await outboxTypes(db)).filter((type) => type.startsWith("submission."));
    expect(told).toEqual(["submission.predicted", "submission.accepted"]);
  }));

describe("refused is", () => {
  test("who has not joined, and a competition that is not there", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx);
      const stranger = await makeMember(ctx);
      await expect(submitFile(stranger, name)).rejects.toMatchObject({
        code: "not_an_entrant",
        message: expect.stringContaining(`podium competition join ${name}`),
      });
      await expect(submitFile(stranger, "nowhere")).rejects.toMatchObject({ code: "not_found" });
    }));

  test("a round that is not open", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx, { round: { opens_at: "2026-02-01T00:00:00Z" } });
      const early = await makeEntrant(ctx, name);
      await expect(submitFile(early, name)).rejects.toMatchObject({
        code: "round_not_open",
        message: expect.stringContaining('Round "round-1" is upcoming'),
      });

      const open = await makeCompetition(ctx);
      const late = await makeEntrant(ctx, open.name);
      const found = await findCompetition(db, { name: open.name });
      const round = await findRound(db, { competitionId: found?.competition.id ?? "", name: "round-1" });
      await db.transaction((tx) => closeRound(ctx, tx, round?.id ?? ""));
      await expect(submitFile(late, open.name)).rejects.toMatchObject({
        code: "round_not_open",
        message: expect.stringContaining("is closing"),
      });
    }));

  test("an entrant that did not survive", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx);
      const entrant = await makeEntrant(ctx, name);
      const found = await findCompetition(db, { name });
      await db.transaction((tx) => advanceEntrants(tx, found?.competition.id ?? "", 2, []));
      await expect(submitFile(entrant, name)).rejects.toMatchObject({
        code: "not_an_entrant",
        message: expect.stringContaining("did not survive"),
      });
    }));

  test("what another team made, what is no training, and what is not there", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name, organizer, trees } = await makeCompetition(ctx);
      const [entrant, rival] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
      const theirs = await makeSession(rival);
      await makeCheckpoint(rival, theirs, "best");
      const mine = await makeSession(entrant);
      const hand = (what: Parameters<typeof submit>[3]) =>
        db.transaction((tx) => submit(entrant, tx, name, what));
      const checkpoint = (id: string, named: string) =>
        hand({ kind: "checkpoint", session_id: id as `ses_${string}`, checkpoint: named });

      await expect(checkpoint(theirs.id, "best")).rejects.toMatchObject({ code: "not_found" });
      await expect(checkpoint(mine.id, "best")).rejects.toMatchObject({ code: "not_found" });
      await expect(checkpoint(ctx.ids.next("session"), "best")).rejects.toMatchObject({ code: "not_found" });
      const rivalsFile = await makeTree(rival, { "predictions.csv": predictions() });
      for (const tree_id of [rivalsFile, trees.labels, trees.inputs, "0".repeat(64)]) {
        await expect(hand({ kind: "predictions", tree_id })).rejects.toMatchObject({ code: "not_found" });
      }
      expect(organizer.team.id).not.toBe(entrant.team.id);
    }));

  test("more or less than one prediction file", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx);
      const entrant = await makeEntrant(ctx, name);
      const tree_id = await makeTree(entrant, { "a.csv": "id\n", "b.csv": "id\n" });
      const call = db.transaction((tx) => submit(entrant, tx, name, { kind: "predictions", tree_id }));
      await expect(call).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("has 2"),
      });
    }));
});

describe("limits", () => {
  test("of a day end at midnight UTC, and the answer says how long that is", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      ctx.clock.advance(11.5 * 3_600_000);
      const { name } = await makeCompetition(ctx, limits({ per_day: 2 }));
      const entrant = await makeEntrant(ctx, name);
      for (let n = 0; n < 2; n++) await end(entrant, await submitFile(entrant, name));
      await expect(submitFile(entrant, name)).rejects.toMatchObject({
        code: "limit_reached",
        details: { retry_after_seconds: 1800 },
      });
      ctx.clock.advance(1800_000 - 1);
      await expect(submitFile(entrant, name)).rejects.toMatchObject({ details: { retry_after_seconds: 1 } });
      ctx.clock.advance(1);
      expect((await submitFile(entrant, name)).number).toBe(3);
    }));

  test("of the round hold for all days", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx, limits({ total: 2 }));
      const entrant = await makeEntrant(ctx, name);
      for (let n = 0; n < 2; n++) {
        await end(entrant, await submitFile(entrant, name));
        ctx.clock.advance(86_400_000);
      }
      await expect(submitFile(entrant, name)).rejects.toMatchObject({
        code: "limit_reached",
        message: "This round allows 2 submissions and you have made 2.",
        details: {},
      });
    }));

  test("of an interval hold from the last submission that counts", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx, limits({ interval: "1h" }));
      const entrant = await makeEntrant(ctx, name);
      const { id } = await submitFile(entrant, name);
      ctx.clock.advance(1_800_000);
      await expect(submitFile(entrant, name)).rejects.toMatchObject({
        code: "limit_reached",
        details: { retry_after_seconds: 1800 },
      });
      // NSML locked entrants for an hour after a failure too.
      await db.transaction((tx) => failSubmission(ctx, tx, id, { code: "x", message: "x", platform: false }));
      expect((await submitFile(entrant, name)).number).toBe(2);
    }));

  test("of what is under way at once make room when something ends", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx, limits({ pending: 1 }));
      const entrant = await makeEntrant(ctx, name);
      const first = await submitFile(entrant, name);
      await expect(submitFile(entrant, name)).rejects.toMatchObject({
        code: "limit_reached",
        details: { retry_after_seconds: 5 },
      });
      await end(entrant, first);
      expect((await submitFile(entrant, name)).number).toBe(2);
    }));

  test("are each entrant's own", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx, limits({ per_day: 1 }));
      for (let n = 0; n < 2; n++) await submitFile(await makeEntrant(ctx, name), name);
    }));

  test("are not used up by failures that cost nothing", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx, limits({ per_day: 1 }));
      const entrant = await makeEntrant(ctx, name);
      const { id } = await submitFile(entrant, name);
      await db.transaction((tx) => failSubmission(ctx, tx, id, { code: "x", message: "x", platform: false }));
      expect((await reloadSubmission(ctx, { id })).refunded).toBe(true);
      expect((await submitFile(entrant, name)).number).toBe(2);
    }));

  test("hold under a hundred submissions at the same moment", () =>
    withDatabase(async ({ db }) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx, limits({ per_day: 7, pending: 9, total: 8 }));
      const entrants = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
      const calls = entrants.flatMap((entrant) =>
        Array.from({ length: 50 }, () => submitFile(entrant, name)),
      );
      const outcomes = await Promise.allSettled(calls);
      const accepted = outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      for (const { team } of entrants) {
        const numbers = accepted.filter(({ teamId }) => teamId === team.id).map(({ number }) => number);
        expect(numbers.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
      }
      for (const each of outcomes)
        if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "limit_reached" });
    }));
});

describe("a trial run", () => {
  const trial = { trial: true };
  const sample = "id,prediction\ns,1\nt,2\n";

  test("uses up no try, and has bounds of its own", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name, organizer } = await makeCompetition(
        ctx,
        limits({ total: 1, pending: 2, interval: "1h" }),
      );
      await giveSample(organizer, name);
      const entrant = await makeEntrant(ctx, name);
      const first = await submitFile(entrant, name, sample, trial);
      expect(first).toMatchObject({ trial: true, number: 1 });
      expect((await submitFile(entrant, name)).trial).toBe(false);
      await submitFile(entrant, name, sample, trial);
      await expect(submitFile(entrant, name, sample, trial)).rejects.toMatchObject({
        code: "limit_reached",
        message: expect.stringContaining("2 of your trial runs are under way"),
      });
      for (let n = 2; n < 30; n++) {
        await end(entrant, first);
        const { id } = await submitFile(entrant, name, sample, trial);
        await end(entrant, { id });
      }
      await expect(submitFile(entrant, name, sample, trial)).rejects.toMatchObject({
        message: expect.stringContaining("30 trial runs within an hour"),
      });
      ctx.clock.advance(3_600_000);
      expect((await submitFile(entrant, name, sample, trial)).state).toBe("scoring");
    }));

  test("takes a sample, and is refused where the round has none", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx);
      const entrant = await makeEntrant(ctx, name);
      await expect(submitFile(entrant, name, sample, trial)).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("no public sample"),
      });
    }));

  test("does not hold up the round's end", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name, organizer } = await makeCompetition(ctx);
      await giveSample(organizer, name);
      const { roundId } = await submitFile(await makeEntrant(ctx, name), name, sample, trial);
      await db.transaction((tx) => closeRound(ctx, tx, roundId));
      expect(await roundsToConclude(db)).toEqual([roundId]);
    }));
});

test("a round takes the kinds of submission that its definition names", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: { accepts: ["code"] } });
    const entrant = await makeEntrant(ctx, name);
    await expect(submitFile(entrant, name)).rejects.toMatchObject({
      code: "invalid_request",
      message: 'Round "round-1" takes no submission of kind predictions: it takes code.',
    });
    expect(await submitCode(entrant, name)).toMatchObject({ kind: "code", run: { entrypoint: "main.py" } });
  }));

test("a round that closes at the same moment either takes a submission or refuses it, and concludes with all it took", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, limits({ pending: 50, per_day: 50 }));
    const entrants = [];
    for (let n = 0; n < 8; n++) entrants.push(await makeEntrant(ctx, name));
    const found = await findCompetition(db, { name });
    const [round] = await listRounds(db, found?.competition.id ?? "");
    const outcomes = await Promise.allSettled([
      ...entrants.slice(0, 4).map((entrant) => submitFile(entrant, name)),
      db.transaction((tx) => closeRound(ctx, tx, round?.id ?? "")),
      ...entrants.slice(4).map((entrant) => submitFile(entrant, name)),
    ]);
    expect((await findRound(db, { id: round?.id ?? "" }))?.state).toBe("closing");
    for (const each of outcomes)
      if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "round_not_open" });
  }));
