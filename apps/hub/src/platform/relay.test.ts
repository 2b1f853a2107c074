import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withDatabase } from "../testing/database.ts";
import { emit } from "./outbox.ts";
import { createQueues } from "./queue.ts";
import { runRelay } from "./relay.ts";
import { jobsFor, on, startSubscribers } from "./subscribers.ts";

test("one job an event and subscriber, named by both; an event that nobody asked for makes none", () => {
  const subscribers = [
    on(["node.changed", "routes.changed"], "a.first", async () => undefined),
    on(["node.changed"], "b.second", async () => undefined, "scoring"),
  ];
  const node = { type: "node.changed", node_id: "nod_1" } as const;
  const routes = { type: "routes.changed", endpoint_id: "end_1" } as const;
  const credits = { type: "credits.exhausted", team_id: "tem_1" } as const;
  const batch = [
    { id: "evt_1", event: node },
    { id: "evt_2", event: routes },
    { id: "evt_3", event: credits },
  ];
  expect(Object.fromEntries(jobsFor(subscribers, batch))).toEqual({
    events: [
      { id: "evt_1-a.first", name: "a.first", data: node },
      { id: "evt_2-a.first", name: "a.first", data: routes },
    ],
    scoring: [{ id: "evt_1-b.second", name: "b.second", data: node }],
  });
});

test("an event reaches each subscriber; one that fails is tried again without repeating the others", () =>
  withDatabase(async ({ db }, databaseUrl) => {
    const ctx = systemContext(db);
    const heard: string[] = [];
    const enough = Promise.withResolvers<void>();
    const hear = (name: string) => {
      heard.push(name);
      if (heard.length === 3) enough.resolve();
    };
    const subscribers = [
      on(["node.changed"], "steady", async () => hear("steady")),
      on(["node.changed"], "clumsy", async () => {
        hear("clumsy");
        if (heard.filter((name) => name === "clumsy").length === 1) throw new Error("a fault");
      }),
    ];
    const config = { databaseUrl, log: ctx.log, onDead: () => undefined, patience: { pauseMs: 10 } };
    const queues = createQueues(config);
    startSubscribers(ctx, queues, subscribers, {});
    const relay = runRelay(ctx, queues, subscribers);
    await db.transaction((tx) => emit(ctx, tx, { type: "node.changed", node_id: ctx.ids.next("node") }));
    relay.wake();
    await enough.promise;
    await relay.stop();
    await queues.close();
    expect(heard.sort()).toEqual(["clumsy", "clumsy", "steady"]);
  }));

test("a job whose subscriber this hub doesn't know fails, for a hub that does", () =>
  withDatabase(async ({ db }, databaseUrl) => {
    const ctx = systemContext(db);
    const dead = Promise.withResolvers<string>();
    const config = { databaseUrl, log: ctx.log, onDead: dead.resolve, patience: { attempts: 1 } };
    const queues = createQueues(config);
    startSubscribers(ctx, queues, [on(["node.changed"], "known", async () => undefined)], {});
    await queues.add("events", [{ id: "1", name: "gone", data: {} }]);
    expect(await dead.promise).toBe("events");
    await queues.close();
  }));
