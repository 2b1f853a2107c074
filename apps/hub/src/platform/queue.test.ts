import { expect, test } from "bun:test";
import pino from "pino";
import { testIf } from "../../../../scripts/testing/requires.ts";
import { withDatabase } from "../testing/database.ts";
import { createQueues, type Queues } from "./queue.ts";
import { assertRedisReachable } from "./redis.ts";
import { random32 } from "./secrets.ts";

const log = pino({ level: "silent" });
const redisUrl = () => process.env["TEST_REDIS_URL"] ?? "";

test("on Postgres, a job that is added twice runs once, and one that fails runs again", () =>
  withDatabase((_, databaseUrl) => worksOff(openQueues(databaseUrl))));

testIf("redis", "on Redis, a job that is added twice runs once, and one that fails runs again", async () => {
  await assertRedisReachable(redisUrl());
  await worksOff(openQueues("postgres://127.0.0.1:1/unused", redisUrl()));
});

test("a Redis that does not answer is named in one line, without its password", async () => {
  await expect(assertRedisReachable("redis://:secret@127.0.0.1:1")).rejects.toThrow(
    /^Redis at 127\.0\.0\.1:1 can't be used \(connect ECONNREFUSED.*\)\. Is it running, and is REDIS_URL right\?$/,
  );
});

testIf("redis", "a log-in that Redis does not take is said to be the cause", async () => {
  const url = new URL(redisUrl());
  url.username = "nobody";
  url.password = "guessed";
  await expect(assertRedisReachable(url.href)).rejects.toThrow(/can't be used \(WRONGPASS .*password/);
});

test("of the jobs that wait, the one with the smallest priority is taken first, then the oldest", () =>
  withDatabase(async (_, databaseUrl) => {
    const queues = openQueues(databaseUrl);
    const name = `test-${random32()}`;
    const runs: string[] = [];
    const finished = Promise.withResolvers<void>();
    try {
      const job = (id: string, priority: number) => ({ id, name: "score", data: {}, priority });
      await queues.add(name, [job("late", 2 ** 21 - 1), job("a", 7), job("b", 7)]);
      await queues.add(name, [job("first", 3)]);
      expect(await queues.depth(name)).toBe(4);
      queues.work(name, 1, async ({ id }) => {
        runs.push(id);
        if (runs.length === 4) finished.resolve();
      });
      await finished.promise;
      expect(runs).toEqual(["first", "a", "b", "late"]);
    } finally {
      await queues.close();
    }
  }));

function openQueues(databaseUrl: string, redisAddress?: string): Queues {
  return createQueues({ databaseUrl, redisUrl: redisAddress, log, onDead: () => undefined });
}

async function worksOff(queues: Queues): Promise<void> {
  const runs: string[] = [];
  const finished = Promise.withResolvers<void>();
  const name = `test-${random32()}`;
  try {
    const once = { id: "evt_once", name: "mail", data: {} };
    await queues.add(name, [once]);
    await queues.add(name, [once]);
    await queues.add(name, [{ id: "evt_again", name: "mail", data: {} }]);
    expect(await queues.depth(name)).toBe(2);
    queues.work(name, 1, async ({ id }) => {
      runs.push(id);
      const tried = runs.filter((run) => run === "evt_again").length;
      if (id === "evt_again" && tried === 1) throw new Error("the mail server is away");
      if (tried === 2) finished.resolve();
    });
    await finished.promise;
    expect(runs).toEqual(["evt_once", "evt_again", "evt_again"]);
  } finally {
    await queues.close();
  }
}
