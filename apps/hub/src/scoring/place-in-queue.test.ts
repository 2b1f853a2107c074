import { expect, test } from "bun:test";
import type { PodiumEvent } from "@podium/shared";
import { relayEvents } from "../platform/outbox.ts";
import { jobsFor } from "../platform/subscribers.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeCompetition, makeEntrant } from "../testing/factories.ts";
import { submitToScorer } from "../testing/submissions.ts";
import { scoringJobs } from "./jobs.ts";
import { placeInQueue } from "./place-in-queue.ts";

test("the sooner a submission's turn, the sooner it is scored; all priorities are ones that the queue takes", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  const places = [now, now + 60_000, now + 59 * 60_000].map(placeInQueue);
  expect(places.toSorted((a, b) => a - b)).toEqual(places);
  expect(new Set(places).size).toBe(3);
  for (const turn of [undefined, 0, now, now + 1e13]) {
    expect(placeInQueue(turn)).toBeGreaterThanOrEqual(1);
    expect(placeInQueue(turn)).toBeLessThan(2 ** 21);
  }
});

test("twenty of one entrant that wait for the scorer don't delay another's single one: it is next", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: { limits: { pending: 20 } } });
    const [busy, other] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
    const all = [];
    for (let n = 0; n < 20; n++) all.push(await submitToScorer(busy, name));
    ctx.clock.advance(1000);
    const single = await submitToScorer(other, name);
    const jobs: { data: unknown; priority?: number }[] = [];
    const scorer = { score: () => Promise.reject(new Error("nothing is scored here")) };
    await relayEvents(ctx, async (batch) => {
      jobs.push(...(jobsFor(scoringJobs(scorer), batch).get("scoring") ?? []));
    });
    expect(jobs).toHaveLength(21);
    const idOf = (data: unknown) =>
      (data as Extract<PodiumEvent, { type: "submission.predicted" }>).submission_id as string;
    const order = jobs
      .toSorted((a, b) => (a.priority ?? 0) - (b.priority ?? 0))
      .map(({ data }) => idOf(data));
    expect(order.slice(0, 3)).toEqual([all[0]?.id ?? "", single.id, all[1]?.id ?? ""]);
  }));
