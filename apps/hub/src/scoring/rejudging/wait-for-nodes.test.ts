import { expect, test } from "bun:test";
import { stopSession } from "../../sessions/index.ts";
import { apiOf } from "../../testing/api.ts";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import {
  ENDED,
  makeCompetition,
  makeEntrant,
  makeNode,
  makeTree,
  place,
  reload,
  report,
} from "../../testing/factories.ts";
import { settle } from "../../testing/jobs.ts";
import { finishProgram, historyOf, rejudged, setJudging } from "../../testing/programs.ts";
import { reloadSubmission, score, submitToScorer } from "../../testing/submissions.ts";
import type { Scorer } from "../judge.ts";
import { callRejudgingsAgain } from "./call-again.ts";
import { waitForNodes } from "./wait-for-nodes.ts";

const scorer: Scorer = { score: () => Promise.reject(new Error("nothing built-in here")) };
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** More than any node of these tests has. */
const LARGE = 64 * 1024 ** 3;

/** A contest that its organizer's program scores, with one scored submission, and a rejudging of it. */
async function makeRejudging(ctx: TestContext, memory_bytes = 64 * 1024 ** 2) {
  const { name, organizer } = await makeCompetition(ctx, {
    definition: {
      metric: { name: "custom", order: "descending" },
      scorer: { program: "scorer", convention: "nsml", timeout: "10m", memory_bytes },
    },
  });
  await setJudging(ctx, name, { scorerTree: await makeTree(organizer, { "evaluation.py": "print(1)" }) });
  const submission = await submitToScorer(await makeEntrant(ctx, name), name);
  await score(ctx, submission, 5);
  const { ask } = apiOf(organizer);
  const path = `/competitions/${name}/rounds/round-1/rejudgings`;
  const { id } = (await ask("POST", path, { reason: "again" })).json();
  await settle(ctx, { scorer });
  const read = async () => (await ask("GET", `/competitions/${name}/rejudgings/${id}`)).json();
  const cancel = () => ask("POST", `/competitions/${name}/rejudgings/${id}/cancel`);
  const session = async () => ({ id: (await rejudged(ctx))[0]?.sessionId ?? "" });
  return { id: id as string, submission, name, read, cancel, session };
}

const instant = (ctx: TestContext, ms = 0) => new Date(ctx.clock.now().getTime() + ms).toISOString();

test("a rejudging whose scorer no node takes says what it waits for, and goes on when a node comes", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { submission, name, read, session } = await makeRejudging(ctx);
    const waiting = await read();
    expect(waiting).toMatchObject({
      state: "scoring",
      pending: 1,
      wait: {
        waiting: 1,
        since: instant(ctx),
        gives_up_at: instant(ctx, 24 * HOUR_MS),
        session: (await reload(ctx, await session())).name,
        nodes: [{ node: "(none)", reason: "no node is connected to this hub" }],
      },
    });
    ctx.clock.advance(23 * HOUR_MS);
    for (const each of [waitForNodes, callRejudgingsAgain]) await each(ctx);
    expect(await read()).toMatchObject({ state: "scoring", wait: { waiting: 1 } });

    await makeNode(ctx);
    await place(ctx);
    expect(await read()).toMatchObject({ state: "scoring", wait: null });
    await finishProgram(ctx, await session(), { "score/score": 7 });
    await settle(ctx, { scorer });
    expect(await read()).toMatchObject({ state: "ready", scored: 1, wait: null });
    expect((await reloadSubmission(ctx, submission)).score).toBe(5);
    expect(name).toBeTruthy();
  }));

test("one that no node has taken within the bound is dropped in words, and no score has changed", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { submission, read, session } = await makeRejudging(ctx);
    ctx.clock.advance(24 * HOUR_MS + 1);
    for (let turn = 0; turn < 2; turn++) await waitForNodes(ctx);
    expect(await read()).toMatchObject({ state: "cancelled", wait: null });
    expect(await reload(ctx, await session())).toMatchObject({ state: "stopped" });
    const [newest] = await historyOf(ctx, submission.competitionId);
    expect(newest).toMatchObject({ action: "rejudging_cancelled", actorId: null });
    expect(newest?.reason).toContain("no node took the scorer within 24 hours ((none): no node is connected");
    expect((await reloadSubmission(ctx, submission)).score).toBe(5);
  }));

test("what a node has taken and never ends is dropped after its own time limit and an hour more", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { read, session } = await makeRejudging(ctx);
    await makeNode(ctx);
    await place(ctx);
    await report(ctx, await session(), { state: "running" });
    ctx.clock.advance(25 * HOUR_MS + 9 * MINUTE_MS);
    await waitForNodes(ctx);
    expect(await read()).toMatchObject({ state: "scoring" });
    ctx.clock.advance(MINUTE_MS + 1);
    await waitForNodes(ctx);
    expect(await read()).toMatchObject({ state: "cancelled" });
    expect((await reload(ctx, await session())).state).toBe("stopping");
  }));

test("where no node could ever run the scorer nothing fails: it says what each lacks, and is tried again", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await makeNode(ctx);
    const { id, read, session } = await makeRejudging(ctx, LARGE);
    const waiting = await read();
    expect(waiting).toMatchObject({ state: "scoring", pending: 1, failed: 0 });
    expect(waiting.wait).toMatchObject({
      waiting: 0,
      session: null,
      nodes: [{ reason: expect.any(String) }],
    });
    ctx.clock.advance(3 * HOUR_MS);
    for (const each of [waitForNodes, callRejudgingsAgain]) await each(ctx);
    await settle(ctx, { scorer });
    expect(await read()).toMatchObject({ state: "scoring", pending: 1, wait: { waiting: 0 } });

    await db.execute("update nodes set capacity = jsonb_set(capacity, '{memory_bytes}', '137438953472')");
    ctx.clock.advance(MINUTE_MS + 1);
    await waitForNodes(ctx);
    await settle(ctx, { scorer });
    expect(await read()).toMatchObject({ state: "scoring", wait: { waiting: 1 } });
    await finishProgram(ctx, await session(), { "score/score": 7 });
    await settle(ctx, { scorer });
    expect(await read()).toMatchObject({ id, state: "ready", scored: 1 });
  }));

test("and dropped in the end, with what each lacks", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await makeNode(ctx);
    const { submission, read } = await makeRejudging(ctx, LARGE);
    ctx.clock.advance(24 * HOUR_MS + 1);
    await waitForNodes(ctx);
    expect(await read()).toMatchObject({ state: "cancelled" });
    const [newest] = await historyOf(ctx, submission.competitionId);
    expect(newest?.reason).toMatch(/no node took the scorer within 24 hours \(node.*memory/i);
  }));

test("it can be cancelled at any time: while its scorer waits, runs, or is stopping already", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const waits = await makeRejudging(ctx);
    expect((await waits.cancel()).json()).toMatchObject({ state: "cancelled", wait: null });
    expect((await reload(ctx, await waits.session())).state).toBe("stopped");

    const stopping = await makeRejudging(ctx);
    const [, second] = await rejudged(ctx);
    const session = { id: second?.sessionId ?? "" };
    await makeNode(ctx);
    await place(ctx);
    await report(ctx, session, { state: "running" });
    await db.transaction((tx) => stopSession(ctx, tx, session.id, "by hand"));
    expect((await stopping.cancel()).json()).toMatchObject({ state: "cancelled" });
    await report(ctx, session, { ...ENDED });
    await settle(ctx, { scorer });
    expect(await stopping.read()).toMatchObject({ state: "cancelled" });
  }));
