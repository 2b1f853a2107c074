import { expect, test } from "bun:test";
import type { PodiumEvent } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Listener, Live } from "../platform/live.ts";
import { makeScored } from "../testing/boards.ts";
import { systemContext, type TestContext } from "../testing/context.ts";
import { counted, withRollback } from "../testing/database.ts";
import { score, submitFile } from "../testing/submissions.ts";
import { BoardStream } from "./board-stream.ts";
import { Boards } from "./boards.ts";
import { updateStanding } from "./update.ts";

function localLive(): Live & { say(event: PodiumEvent): void; listeners: () => number } {
  const all = new Set<Listener>();
  return {
    subscribe: (listener) => {
      all.add(listener);
      return () => all.delete(listener);
    },
    close: async () => undefined,
    say: (event) => {
      for (const listener of all) listener(event);
    },
    listeners: () => all.size,
  };
}

/** Reads a stream's messages one by one. */
function reading(answer: Response) {
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  return async function next(): Promise<{ event: string; data: { rows?: { score: number }[] } }> {
    while (!rest.includes("\n\n")) {
      const { value, done } = (await reader?.read()) ?? { done: true };
      if (done) throw new Error("the stream has ended");
      rest += decoder.decode(value, { stream: true });
    }
    const [message = "", ...others] = rest.split("\n\n");
    rest = others.join("\n\n");
    const [event = "", data = "{}"] = message.split("\n");
    return { event: event.replace("event: ", ""), data: JSON.parse(data.replace("data: ", "")) };
  };
}

async function makeWatched(ctx: TestContext) {
  const contest = await makeScored(ctx, [0.5, 0.6]);
  const live = localLive();
  const stream = new BoardStream(new Boards(), live);
  const abort = new AbortController();
  const of = { name: contest.name, round: "round-1", roundId: contest.roundId, organizes: false };
  const watch = (as: Context) => reading(stream.watch(as, of, abort.signal));
  const changed = {
    type: "leaderboard.changed",
    competition_id: contest.competitionId,
    round_id: contest.roundId,
  };
  return { ...contest, live, watch, abort, changed: changed as PodiumEvent };
}

test("whoever watches gets the first page at once, and again when it has changed: one read for all", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeWatched(ctx);
    const { db: watched, asked } = counted(db);
    const viewers = Array.from({ length: 50 }, () => contest.watch({ ...ctx, db: watched }));
    for (const next of viewers) {
      expect((await next()).event).toBe("open");
      expect((await next()).data.rows?.map((row) => row.score)).toEqual([0.5, 0.6]);
    }
    const first = asked();
    const [player] = contest.members;
    if (!player) throw new Error("no player");
    ctx.clock.advance(1000);
    const better = await submitFile(player, contest.name);
    await score(ctx, better, 0.1);
    await updateStanding(ctx, better.id);
    for (let n = 0; n < 20; n++) contest.live.say(contest.changed);
    for (const next of viewers) expect((await next()).data.rows?.[0]?.score).toBe(0.1);
    // The rows since the version before; what the version is, a prepared statement asks.
    expect(asked() - first).toBe(1);
    contest.abort.abort();
    expect(contest.live.listeners()).toBe(0);
  }));

test("who comes later gets the page that the others have", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeWatched(ctx);
    const early = contest.watch(ctx);
    await early();
    const { data } = await early();
    const late = contest.watch(ctx);
    expect((await late()).event).toBe("open");
    expect((await late()).data).toEqual(data);
    contest.abort.abort();
  }));

test("a stream ends with its viewer", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeWatched(ctx);
    const next = contest.watch(ctx);
    await next();
    contest.abort.abort();
    await expect(
      (async () => {
        for (;;) await next();
      })(),
    ).rejects.toThrow("ended");
    expect(contest.live.listeners()).toBe(0);
  }));
