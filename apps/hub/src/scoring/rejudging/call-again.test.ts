import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { LABELS, makeCompetition, makeEntrant, makeTree } from "../../testing/factories.ts";
import { settle } from "../../testing/jobs.ts";
import { historyOf } from "../../testing/programs.ts";
import { submitFile } from "../../testing/submissions.ts";
import type { Scorer } from "../judge.ts";
import { callRejudgingsAgain, MOST_CALLS } from "./call-again.ts";
import { judgeNext } from "./judge-next.ts";

const MINUTE_MS = 60_000;
const good: Scorer = { score: async () => ({ scores: { score: 0.5 }, rows: 4 }) };

/** A rejudging of one submission whose job has died before it did anything. */
async function makeDead(ctx: TestContext) {
  const { name, organizer } = await makeCompetition(ctx);
  const submission = await submitFile(await makeEntrant(ctx, name), name);
  await settle(ctx, { scorer: good });
  const { ask } = apiOf(organizer);
  const path = `/competitions/${name}/rounds/round-1/rejudgings`;
  const labels = await makeTree(organizer, { "labels.csv": LABELS.replace("d,4", "d,6") });
  const { id } = (await ask("POST", path, { reason: "again", labels })).json();
  await settle(ctx, { scorer: { score: () => Promise.reject(new Error("killed")) } }).catch(() => undefined);
  const read = async () => (await ask("GET", `/competitions/${name}/rejudgings/${id}`)).json();
  return { id: id as string, competitionId: submission.competitionId, read, ask, path };
}

test("a rejudging whose job has died is taken up again, and ends as if nothing had happened", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { id, read } = await makeDead(ctx);
    await callRejudgingsAgain(ctx);
    const calls = async () => (await outboxTypes(db)).filter((type) => type === "rejudging.due").length;
    expect(await calls()).toBe(1);
    expect(await read()).toMatchObject({ state: "scoring", pending: 1 });

    ctx.clock.advance(16 * MINUTE_MS);
    for (let time = 0; time < 3; time++) await callRejudgingsAgain(ctx);
    expect(await calls()).toBe(2);
    await judgeNext(ctx, good, id);
    expect(await read()).toMatchObject({ state: "ready", scored: 1 });
    ctx.clock.advance(60 * MINUTE_MS);
    await callRejudgingsAgain(ctx);
    expect(await read()).toMatchObject({ state: "ready" });
  }));

test("one that fails each time is dropped in words after as many calls, and another may be started", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { competitionId, read, ask, path } = await makeDead(ctx);
    for (let call = 0; call < MOST_CALLS; call++) {
      ctx.clock.advance(16 * MINUTE_MS);
      await callRejudgingsAgain(ctx);
    }
    expect(await read()).toMatchObject({ state: "scoring" });
    ctx.clock.advance(16 * MINUTE_MS);
    await callRejudgingsAgain(ctx);

    expect(await read()).toMatchObject({ state: "cancelled", scored: 0 });
    const [newest] = await historyOf(ctx, competitionId);
    expect(newest).toMatchObject({ action: "rejudging_cancelled", actorId: null });
    expect(newest?.reason).toContain("1 of 1 submissions could not be scored again in 8 tries");
    expect((await ask("POST", path, { reason: "anew" })).status).toBe(201);
  }));
