import type { PodiumEvent } from "@podium/shared";
import type { Senders } from "../notifications/index.ts";
import { relayEvents } from "../platform/outbox.ts";
import type { Scorer } from "../scoring/index.ts";
import { subscriptions } from "../subscriptions.ts";
import { as, type TestContext } from "./context.ts";
import { noSenders } from "./no-senders.ts";

/** What is to score fails the test that did not expect to. */
const noScorer: Scorer = {
  score: async () => {
    throw new Error("this test has no scorer");
  },
};

interface Options {
  scorer?: Scorer;
  senders?: Senders;
  /** the order in which jobs are handled; as they come, unless told otherwise */
  order?: <T>(jobs: readonly T[]) => T[];
}

/**
 * Does what the queue's workers do, until no event is left: every reaction to every event, each of them twice, as
 * a queue that delivers at least once may.
 * @returns the events, for delivering them once more
 */
export async function settle(ctx: TestContext, options: Options = {}): Promise<PodiumEvent[]> {
  const seen: PodiumEvent[] = [];
  for (;;) {
    const batch: PodiumEvent[] = [];
    const relayed = await relayEvents(ctx, async (events) => {
      batch.push(...events.map(({ event }) => event));
    });
    if (relayed === 0) return seen;
    seen.push(...batch);
    await deliver(ctx, [...batch, ...batch], options);
  }
}

/** Hands events to all who react to them, whether or not that has happened before. */
export async function deliver(
  ctx: TestContext,
  events: readonly PodiumEvent[],
  { scorer = noScorer, senders = noSenders, order = (jobs) => [...jobs] }: Options = {},
): Promise<void> {
  const system = as(ctx, { kind: "system" });
  const subscribers = subscriptions(scorer, senders);
  const jobs = events.flatMap((event) =>
    subscribers
      .filter(({ types }) => types.includes(event.type))
      .map((subscriber) => () => subscriber.handle(system, event)),
  );
  for (const job of order(jobs)) await job();
}
