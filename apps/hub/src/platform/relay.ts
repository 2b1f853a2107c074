import type { PodiumEvent } from "@podium/shared";
import { createAlarm } from "./alarm.ts";
import type { Context } from "./context.ts";
import { relayEvents } from "./outbox.ts";
import type { Queues } from "./queue.ts";
import { jobsFor, type Subscriber } from "./subscribers.ts";

/** How often the outbox is looked through even when nobody said that something is there. */
const SWEEP_MS = 1_000;
const BATCH = 200;

/** Moves events from the outbox into the queue for as long as the hub runs; every hub does, each row goes once. */
export function runRelay(ctx: Context, queues: Queues, subscribers: readonly Subscriber[]) {
  const alarm = createAlarm();
  let stopped = false;

  async function deliver(batch: Parameters<typeof jobsFor>[1]) {
    for (const [queue, jobs] of jobsFor(subscribers, batch)) await queues.add(queue, jobs);
  }

  const loop = (async () => {
    while (!stopped) {
      try {
        if ((await relayEvents(ctx, deliver, BATCH)) === BATCH) continue;
      } catch (error) {
        ctx.log.error(
          { err: error },
          "events could not be relayed; they stay in the outbox and are tried again",
        );
        await Bun.sleep(1_000);
      }
      if (!stopped) await alarm.wait(SWEEP_MS);
    }
  })();

  const awaited = new Set<string>(subscribers.flatMap(({ types }) => types));
  return {
    /** Something has happened. What nobody waits for is relayed with the next thing that somebody does. */
    wake: ({ type }: PodiumEvent) => {
      if (awaited.has(type)) alarm.ring();
    },
    async stop() {
      stopped = true;
      alarm.ring();
      await loop;
    },
  };
}
