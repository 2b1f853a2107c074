import { afterAll, describe, expect, test } from "bun:test";
import { findRound } from "../../competitions/index.ts";
import { apiOf } from "../../testing/api.ts";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import {
  ENDED,
  LABELS,
  makeCompetition,
  makeEntrant,
  makeMember,
  makeNode,
  makeTree,
  place,
  report,
} from "../../testing/factories.ts";
import { settle } from "../../testing/jobs.ts";
import { finishProgram, historyOf, rejudged, setColumns, setJudging } from "../../testing/programs.ts";
import {
  predictions,
  reloadSubmission,
  scoresOf,
  submitFile,
  submitToScorer,
} from "../../testing/submissions.ts";
import type { Scorer } from "../judge.ts";
import { scoreSubmission } from "../score.ts";
import { createScorerPool } from "../scorer-pool.ts";
import { judgeNext } from "./judge-next.ts";

const pool = createScorerPool({ size: 2, timeoutMs: 60_000, memoryBytes: 256 * 1024 ** 2 });
afterAll(() => pool.close());

/** The last row was labelled wrongly: it is 6. */
const CORRECTED = LABELS.replace("d,4", "d,6");

/** Two entrants: the first is ahead by the labels as they are, the second by the corrected ones. */
async function makeContest(ctx: TestContext, change: Parameters<typeof makeCompetition>[1] = {}) {
  const { name, organizer, trees } = await makeCompetition(ctx, change);
  const [first, second] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
  const a = await submitFile(first, name, predictions([1, 2, 3, 4]));
  const b = await submitFile(second, name, predictions([1, 2, 3, 6]));
  await settle(ctx, { scorer: pool });
  const corrected = await makeTree(organizer, { "labels.csv": CORRECTED });
  return { name, organizer, trees, first, second, a, b, corrected, roundId: a.roundId };
}

type Contest = Awaited<ReturnType<typeof makeContest>>;

async function start({ organizer, name, corrected }: Contest, body: object = { labels: corrected }) {
  const { ask } = apiOf(organizer);
  const answer = await ask("POST", `/competitions/${name}/rounds/round-1/rejudgings`, {
    reason: "row d was labelled wrongly",
    ...body,
  });
  expect(answer.status).toBe(201);
  return answer.json().id as string;
}

const at = ({ name }: Contest, id: string, verb = "") => `/competitions/${name}/rejudgings/${id}${verb}`;
const read = async (contest: Contest, id: string) =>
  (await apiOf(contest.organizer).ask("GET", at(contest, id))).json();
const scoresNow = async (ctx: TestContext, { a, b }: Contest) => [
  (await reloadSubmission(ctx, a)).score,
  (await reloadSubmission(ctx, b)).score,
];
const labelsOf = async (ctx: TestContext, { roundId }: Contest) =>
  (await findRound(ctx.db, { id: roundId }))?.labelsTree;

test("submissions are scored again aside; differences are shown; applied, all scores change at once", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeContest(ctx);
    const submitted = (await reloadSubmission(ctx, contest.a)).submittedAt;
    const id = await start(contest);
    expect(await read(contest, id)).toMatchObject({ state: "scoring", pending: 2, scored: 0 });
    await settle(ctx, { scorer: pool });

    expect(await scoresNow(ctx, contest)).toEqual([0, 1]);
    expect(await labelsOf(ctx, contest)).toBe(contest.trees.labels);
    const [first, second] = [contest.first.team.slug, contest.second.team.slug];
    const ready = await read(contest, id);
    expect(ready).toMatchObject({ state: "ready", pending: 0, scored: 2, failed: 0, changed: 2 });
    expect(ready.changes).toEqual([
      { entrant: second, board: "public", before: { rank: 2, score: 1 }, after: { rank: 1, score: 0 } },
      { entrant: first, board: "public", before: { rank: 1, score: 0 }, after: { rank: 2, score: 1 } },
    ]);

    const { ask } = apiOf(contest.organizer);
    expect((await ask("POST", at(contest, id, "/apply"))).json()).toMatchObject({ state: "applied" });
    expect(await scoresNow(ctx, contest)).toEqual([1, 0]);
    expect(await labelsOf(ctx, contest)).toBe(contest.corrected);
    expect((await reloadSubmission(ctx, contest.a)).submittedAt).toEqual(submitted);
    expect(await scoresOf(ctx, contest.a)).toHaveLength(2);
    expect((await outboxTypes(db)).at(-1)).toBe("rejudging.changed");
    const history = await historyOf(ctx, contest.a.competitionId);
    expect(history.map(({ action }) => action)).toEqual(["rejudged", "rejudging_started"]);
    expect(history[0]).toMatchObject({ reason: "row d was labelled wrongly", actorId: expect.any(String) });
    expect(JSON.stringify(history)).not.toContain(contest.corrected);
    // Asked again, nothing changes; and it can be cancelled no more.
    expect((await ask("POST", at(contest, id, "/apply"))).status).toBe(200);
    expect((await ask("POST", at(contest, id, "/cancel"))).status).toBe(409);
  }));

test("columns and private scores change with it, and new submissions are scored by the new labels", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const definition = { columns: [{ key: "mae", metric: { name: "mae" } }] };
    const contest = await makeContest(ctx, { definition, round: { split: { share: 0.5, seed: "s" } } });
    const id = await start(contest);
    await settle(ctx, { scorer: pool });
    await apiOf(contest.organizer).ask("POST", at(contest, id, "/apply"));
    const row = await reloadSubmission(ctx, contest.b);
    expect(row).toMatchObject({ score: 0, columns: { mae: 0 }, privateScore: 0, privateColumns: { mae: 0 } });
    const next = await submitFile(contest.first, contest.name, predictions([1, 2, 3, 6]));
    await settle(ctx, { scorer: pool });
    expect(await reloadSubmission(ctx, next)).toMatchObject({ score: 0, privateScore: 0 });
  }));

test("what came in meanwhile is scored by the old labels, and by the new ones before they are applied", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeContest(ctx);
    const id = await start(contest);
    await settle(ctx, { scorer: pool });
    const late = await submitFile(contest.first, contest.name, predictions([1, 2, 3, 8]));
    await settle(ctx, { scorer: pool });
    expect((await reloadSubmission(ctx, late)).score).toBe(4);

    const applied = (await apiOf(contest.organizer).ask("POST", at(contest, id, "/apply"))).json();
    expect(applied).toMatchObject({ state: "scoring", applying: true, pending: 1 });
    expect(await scoresNow(ctx, contest)).toEqual([0, 1]);
    await settle(ctx, { scorer: pool });
    expect(await read(contest, id)).toMatchObject({ state: "applied", scored: 3 });
    expect((await reloadSubmission(ctx, late)).score).toBe(1);
    expect(await scoresNow(ctx, contest)).toEqual([1, 0]);
  }));

test("one that is being scored at the very moment of the swap is scored by the new labels", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeContest(ctx);
    const id = await start(contest);
    await settle(ctx, { scorer: pool });
    const flying = await submitToScorer(contest.first, contest.name, predictions([1, 2, 3, 8]));
    let asked = 0;
    const scorer: Scorer = {
      async score(request) {
        asked += 1;
        const result = await pool.score(request);
        if (asked === 1) await apiOf(contest.organizer).ask("POST", at(contest, id, "/apply"));
        return result;
      },
    };
    await scoreSubmission(ctx, scorer, flying.id);
    expect(asked).toBe(2);
    expect((await reloadSubmission(ctx, flying)).score).toBe(1);
    expect(await labelsOf(ctx, contest)).toBe(contest.corrected);
  }));

test("a scorer that crashes in the middle loses nothing and makes nothing twice", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeContest(ctx);
    const id = await start(contest);
    let asked = 0;
    const scorer: Scorer = {
      score(request) {
        asked += 1;
        return asked === 2 ? Promise.reject(new Error("killed")) : pool.score(request);
      },
    };
    await expect(judgeNext(ctx, scorer, id)).rejects.toThrow("killed");
    expect(await read(contest, id)).toMatchObject({ state: "scoring", pending: 1, scored: 1 });
    for (let times = 0; times < 3; times++) await judgeNext(ctx, scorer, id);
    expect(asked).toBe(3);
    expect(await read(contest, id)).toMatchObject({ state: "ready", scored: 2 });
    for (const each of [contest.a, contest.b]) expect(await scoresOf(ctx, each)).toHaveLength(2);
  }));

test("what fits the new labels no more fails when it is applied, and is counted before", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeContest(ctx);
    const labels = await makeTree(contest.organizer, { "labels.csv": `${LABELS}e,5\n` });
    const id = await start(contest, { labels });
    await settle(ctx, { scorer: pool });
    const ready = await read(contest, id);
    expect(ready).toMatchObject({ state: "ready", scored: 0, failed: 2, changed: 2 });
    expect(ready.changes[0]).toMatchObject({ after: null });
    expect((await reloadSubmission(ctx, contest.a)).state).toBe("scored");
    await apiOf(contest.organizer).ask("POST", at(contest, id, "/apply"));
    expect(await reloadSubmission(ctx, contest.a)).toMatchObject({
      state: "failed",
      score: null,
      failure: { code: "invalid_predictions", message: expect.stringContaining("e") },
    });
  }));

describe("the organizer alone", () => {
  test("may start, see, apply and cancel one", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const contest = await makeContest(ctx);
      const id = await start(contest);
      const path = `/competitions/${contest.name}/rounds/round-1/rejudgings`;
      for (const member of [contest.first, await makeMember(ctx)]) {
        const { ask } = apiOf(member);
        expect((await ask("POST", path, { reason: "mine" })).status).toBe(403);
        for (const get of [path, at(contest, id)]) expect((await ask("GET", get)).status).toBe(403);
        for (const verb of ["/apply", "/cancel"])
          expect((await ask("POST", at(contest, id, verb))).status).toBe(403);
      }
      const other = await makeContest(ctx);
      expect((await apiOf(other.organizer).ask("GET", at(other, id))).status).toBe(404);
      expect((await apiOf(contest.organizer).ask("GET", path)).json().items).toMatchObject([{ id }]);
    }));

  test("hears what is wrong with what it asks for, and has one at a time", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const contest = await makeContest(ctx);
      const { ask } = apiOf(contest.organizer);
      const path = `/competitions/${contest.name}/rounds/round-1/rejudgings`;
      const foreign = await makeTree(contest.first, { "labels.csv": LABELS.replace("4", "5") });
      const asked = async (body: object) => (await ask("POST", path, { reason: "x", ...body })).status;
      expect(await asked({ labels: foreign })).toBe(422);
      expect(await asked({ labels: contest.trees.inputs })).toBe(422);
      expect(await asked({ scorer: contest.corrected })).toBe(422);
      expect(await asked({ reason: "" })).toBe(400);
      expect(await asked({ labels: "x" })).toBe(400);
      const id = await start(contest);
      expect(await asked({})).toBe(409);
      expect((await ask("POST", at(contest, id, "/apply"))).status).toBe(409);
      expect((await ask("POST", at(contest, id, "/cancel"))).json()).toMatchObject({ state: "cancelled" });
      await settle(ctx, { scorer: pool });
      expect(await read(contest, id)).toMatchObject({ state: "cancelled", scored: 0 });
      expect(await scoresNow(ctx, contest)).toEqual([0, 1]);
      expect(await asked({})).toBe(201);
    }));
});

test("a contest that is edited meanwhile drops it: its scores would be nobody's", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeContest(ctx);
    const id = await start(contest);
    await setColumns(ctx, contest.name, { metric: { name: "mae" } });
    await settle(ctx, { scorer: pool });
    expect(await read(contest, id)).toMatchObject({ state: "cancelled" });
    expect(await scoresNow(ctx, contest)).toEqual([0, 1]);
  }));

test("an organizer's program is asked anew, behind live submissions; what its fault had ended is a try again", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const scorer: Scorer = { score: () => Promise.reject(new Error("nothing built-in here")) };
    const definition = {
      metric: { name: "custom", order: "descending" },
      scorer: { program: "scorer", convention: "nsml" },
    };
    const { name, organizer } = await makeCompetition(ctx, { definition });
    const scorerTree = await makeTree(organizer, { "evaluation.py": "1 / 0" });
    await setJudging(ctx, name, { scorerTree });
    const submission = await submitFile(await makeEntrant(ctx, name), name);
    await makeNode(ctx);
    await settle(ctx, { scorer });
    const broken = { id: (await reloadSubmission(ctx, submission)).scoreSessionId ?? "" };
    await place(ctx);
    await report(ctx, broken, { state: "running" });
    const failure = { code: "user_error", message: "ZeroDivisionError", location: null, hint: null } as const;
    await report(ctx, broken, { ...ENDED, exit_code: 1, failure });
    await settle(ctx, { scorer });
    expect((await reloadSubmission(ctx, submission)).failure?.code).toBe("scorer_failed");

    const contest = { name, organizer } as Contest;
    const repaired = await makeTree(organizer, { "evaluation.py": "print(7)" });
    const id = await start(contest, { scorer: repaired });
    await settle(ctx, { scorer });
    expect(await read(contest, id)).toMatchObject({ state: "scoring", pending: 1 });
    const [asked] = await rejudged(ctx);
    const session = { id: asked?.sessionId ?? "" };
    expect(session.id).not.toBe(broken.id);
    await finishProgram(ctx, session, { "score/score": 7 });
    await settle(ctx, { scorer });
    expect(await read(contest, id)).toMatchObject({ state: "ready", scored: 1 });
    await apiOf(organizer).ask("POST", at(contest, id, "/apply"));
    expect(await reloadSubmission(ctx, submission)).toMatchObject({
      state: "scored",
      score: 7,
      failure: null,
      refunded: false,
      platformFault: false,
      scoreSessionId: session.id,
    });
  }));
