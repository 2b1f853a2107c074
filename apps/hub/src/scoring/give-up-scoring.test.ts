import { expect, test } from "bun:test";
import { requeueDue } from "../sessions/index.ts";
import { apiOf } from "../testing/api.ts";
import { systemContext, type TestContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import {
  creditOf,
  loseNodes,
  makeCompetition,
  makeEntrant,
  makeNode,
  makeTree,
  place,
  reload,
  report,
} from "../testing/factories.ts";
import { settle } from "../testing/jobs.ts";
import { setJudging } from "../testing/programs.ts";
import { reloadSubmission, submitToScorer } from "../testing/submissions.ts";
import { giveUpScoring } from "./give-up-scoring.ts";
import type { Scorer } from "./judge.ts";

const scorer: Scorer = { score: () => Promise.reject(new Error("nothing built-in here")) };

const HOUR_MS = 3_600_000;

async function makeContest(ctx: TestContext) {
  const { name, organizer } = await makeCompetition(ctx, {
    definition: {
      metric: { name: "custom", order: "descending" },
      scorer: { program: "scorer", convention: "nsml", timeout: "1h" },
    },
  });
  const scorerTree = await makeTree(organizer, { "evaluation.py": "print(1)" });
  await setJudging(ctx, name, { scorerTree });
  return { name, organizer, entrant: await makeEntrant(ctx, name) };
}

test("a program that no node takes is given up in time, at no cost; one that was placed goes on", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer, entrant } = await makeContest(ctx);
    const placed = await submitToScorer(entrant, name);
    await settle(ctx, { scorer });
    await makeNode(ctx);
    await place(ctx);
    const waits = await submitToScorer(entrant, name);
    await settle(ctx, { scorer });

    await giveUpScoring(ctx);
    expect((await reloadSubmission(ctx, waits)).state).toBe("scoring");
    ctx.clock.advance(ctx.settings.inferWaitMs + 1);
    for (let times = 0; times < 2; times++) await giveUpScoring(ctx);
    const given = await reloadSubmission(ctx, waits);
    expect(given).toMatchObject({
      state: "failed",
      failure: {
        code: "scorer_failed",
        message: expect.stringContaining("within 24 hours. It cost you nothing"),
      },
      refunded: true,
      platformFault: true,
    });
    expect((await reload(ctx, { id: given.scoreSessionId ?? "" })).state).toBe("stopped");
    expect((await reloadSubmission(ctx, placed)).state).toBe("scoring");
    expect(await creditOf(entrant)).toMatchObject({ held: 0, spent: 0 });
    await settle(ctx, { scorer });
    const { rows } = await db.execute("select team_id, text from notifications where kind = 'session.ended'");
    expect(rows).toEqual([
      { team_id: organizer.team.id, text: expect.stringContaining("No node took your contest's scorer") },
    ]);
  }));

test("one that hangs on its node is given up after its time limit and an hour more, whatever the node says", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, entrant } = await makeContest(ctx);
    const submission = await submitToScorer(entrant, name);
    await settle(ctx, { scorer });
    await makeNode(ctx);
    await place(ctx);
    const session = { id: (await reloadSubmission(ctx, submission)).scoreSessionId ?? "" };
    await report(ctx, session, { state: "running" });
    ctx.clock.advance(ctx.settings.inferWaitMs + 2 * HOUR_MS - 1000);
    await giveUpScoring(ctx);
    expect((await reloadSubmission(ctx, submission)).state).toBe("scoring");
    ctx.clock.advance(2000);
    for (let times = 0; times < 2; times++) await giveUpScoring(ctx);
    expect(await reloadSubmission(ctx, submission)).toMatchObject({
      state: "failed",
      failure: { code: "scorer_failed" },
      refunded: true,
    });
    expect((await reload(ctx, session)).state).toBe("stopping");
  }));

test("one whose nodes are lost again and again ends in words too, after a few of them", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, entrant } = await makeContest(ctx);
    const submission = await submitToScorer(entrant, name);
    await settle(ctx, { scorer });
    const session = { id: (await reloadSubmission(ctx, submission)).scoreSessionId ?? "" };
    for (let time = 0; time < 5; time++) {
      await makeNode(ctx);
      ctx.clock.advance(600_000);
      await requeueDue(ctx);
      await makeNode(ctx);
      await place(ctx);
      await report(ctx, session, { state: "running" });
      await loseNodes(ctx);
    }
    await settle(ctx, { scorer });
    expect((await reload(ctx, session)).state).toBe("failed");
    expect(await reloadSubmission(ctx, submission)).toMatchObject({
      state: "failed",
      failure: { code: "scorer_failed" },
      refunded: true,
    });
  }));

test("one that no node could ever run fails at once, and the organizer hears of it once a day", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer, entrant } = await makeContest(ctx);
    await makeNode(ctx);
    await db.execute("update nodes set capacity = jsonb_set(capacity, '{memory_bytes}', '1048576')");
    const submission = await submitToScorer(entrant, name);
    await settle(ctx, { scorer });
    expect(await reloadSubmission(ctx, submission)).toMatchObject({
      state: "failed",
      failure: { code: "scorer_failed", message: expect.stringContaining("No node of this hub can run") },
      refunded: true,
    });
    await submitToScorer(entrant, name);
    await settle(ctx, { scorer });
    const { items } = (await apiOf(organizer).ask("GET", "/notifications")).json();
    expect(items).toMatchObject([
      {
        kind: "session.ended",
        text: expect.stringContaining(`ever run the scorer of your contest "${name}"`),
      },
    ]);
  }));
