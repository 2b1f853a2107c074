import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../testing/database.ts";
import { type Member, makeCompetition, makeEntrant } from "../testing/factories.ts";
import { seeded } from "../testing/random.ts";
import { fail, score, submitFile } from "../testing/submissions.ts";
import { liveBoard, recomputedBoard } from "./read.ts";
import { updateStanding } from "./update.ts";

const MANY = { limits: { per_day: 1000, total: 1000, pending: 1000 } };
const boardOf = (viewer: Member, name: string) => liveBoard(viewer, name, "round-1", 100, undefined);

test("an entrant's best submission counts, the earliest of equals; a worse one only adds to the number", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const ids: string[] = [];
    for (const value of [0.5, 0.2, 0.2, 0.9]) {
      ctx.clock.advance(1000);
      const submission = await submitFile(entrant, name);
      ids.push(submission.id);
      await score(ctx, submission, value);
    }
    // In whatever order, and however often, the board hears of them.
    for (const index of [3, 2, 0, 1, 2, 3, 0]) await updateStanding(ctx, ids[index] ?? "");
    expect((await boardOf(entrant, name)).rows).toEqual([
      {
        rank: 1,
        entrant: entrant.team.slug,
        score: 0.2,
        submissions: 4,
        best_submission_id: ids[1] as `sub_${string}`,
        best_at: "2026-01-01T12:00:02.000Z",
        survives: null,
      },
    ]);
  }));

test("a submission that has no score yet, has failed, or is unknown changes nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const [waiting, failed] = [await submitFile(entrant, name), await submitFile(entrant, name)];
    await fail(ctx, failed);
    for (const id of [waiting.id, failed.id, ctx.ids.next("submission")]) await updateStanding(ctx, id);
    expect((await boardOf(entrant, name)).rows).toEqual([]);
    expect(await outboxTypes(db)).not.toContain("leaderboard.changed");
  }));

test("updates of many submissions at once end in the board that the submissions give", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: MANY });
    const entrants = [
      await makeEntrant(ctx, name),
      await makeEntrant(ctx, name),
      await makeEntrant(ctx, name),
    ];
    const random = seeded(1);
    const ids: string[] = [];
    for (let n = 0; n < 24; n++) {
      const submission = await submitFile(random.pick(entrants), name);
      await score(ctx, submission, random.int(5));
      ids.push(submission.id);
    }
    await Promise.all([...ids, ...random.shuffle(ids)].map((id) => updateStanding(ctx, id)));
    const viewer = random.pick(entrants);
    expect((await boardOf(viewer, name)).rows).toHaveLength(3);
    expect(await boardOf(viewer, name)).toEqual(await recomputedBoard(viewer, name, "round-1"));
  }));

/** A contest of ten, played at random. */
async function makePlay(ctx: ReturnType<typeof systemContext>, seed: number, metric: "mse" | "accuracy") {
  const random = seeded(seed);
  const { name } = await makeCompetition(ctx, { round: MANY, definition: { metric: { name: metric } } });
  const entrants: Member[] = [];
  for (let n = 0; n < 10; n++) entrants.push(await makeEntrant(ctx, name));
  const waiting: { id: string; entrant: string; at: number }[] = [];
  const ended: { id: string; entrant: string; at: number; score: number }[] = [];

  async function submitOne() {
    ctx.clock.advance(1 + random.int(3));
    const entrant = random.pick(entrants);
    const { id } = await submitFile(entrant, name);
    waiting.push({ id, entrant: entrant.team.slug, at: ctx.clock.now().getTime() });
  }
  /** Ends one of those that wait; the board hears of it, and of an older one once more. */
  async function endOne() {
    const [picked] = waiting.splice(random.int(waiting.length), 1);
    if (!picked) return;
    if (random.int(10) === 0) return fail(ctx, picked);
    const value = random.int(8) / 10;
    await score(ctx, picked, value);
    ended.push({ ...picked, score: value });
    await updateStanding(ctx, picked.id);
    await updateStanding(ctx, random.pick(ended).id);
  }
  /** Up to three more wait, then up to three end: often in another order than they came. */
  async function step(left: number): Promise<number> {
    const more = Math.min(left, 1 + random.int(3));
    for (let n = 0; n < more; n++) await submitOne();
    for (let n = random.int(4); n > 0; n--) await endOne();
    return more;
  }

  /** The board by pencil and paper: best of each entrant, the earliest of equals first; its rank counts the better ones. */
  function expected() {
    const sign = metric === "mse" ? 1 : -1;
    const sorted = ended.toSorted((a, b) => sign * (a.score - b.score) || a.at - b.at);
    const firsts = sorted.filter(
      (each, index) => sorted.findIndex((x) => x.entrant === each.entrant) === index,
    );
    return firsts.map((each) => ({
      entrant: each.entrant,
      score: each.score,
      rank: 1 + firsts.filter((other) => sign * (other.score - each.score) < 0).length,
      submissions: ended.filter(({ entrant }) => entrant === each.entrant).length,
      best_submission_id: each.id,
    }));
  }
  return { name, viewer: random.pick(entrants), step, expected, waiting };
}

test.each([
  ["mse", 11],
  ["accuracy", 12],
] as const)(
  "in a contest played at random the board by %s is at every moment the one that its submissions give",
  (metric, seed) =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name, viewer, step, expected, waiting } = await makePlay(ctx, seed, metric);
      for (let left = 200; left > 0 || waiting.length > 0; ) {
        left -= await step(left);
        const live = await boardOf(viewer, name);
        expect(live).toEqual(await recomputedBoard(viewer, name, "round-1"));
        expect(live.rows).toMatchObject(expected());
        expect(live.rows).toHaveLength(expected().length);
      }
    }),
  60_000,
);
