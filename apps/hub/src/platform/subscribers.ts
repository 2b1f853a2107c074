import type { EventOf, EventType, PodiumEvent } from "@podium/shared";
import type { Context } from "./context.ts";
import type { StoredEvent } from "./outbox.ts";
import type { QueuedJob, Queues } from "./queue.ts";

/**
 * A reaction of one domain to events: at least once, retried on its own, in any order. `name` is unique and
 * stable: together with the event's id it names the job.
 */
export interface Subscriber {
  name: string;
  queue: string;
  types: readonly EventType[];
  handle(ctx: Context, event: PodiumEvent): Promise<void>;
  /** The job's place in its queue, where jobs are not taken as they come; see `QueuedJob`. */
  priorityOf?(event: PodiumEvent): number;
}

/** Declares a reaction; the handler sees only the event types that it asked for. */
export function on<T extends EventType>(
  types: readonly T[],
  name: string,
  handle: (ctx: Context, event: EventOf<T>) => Promise<void>,
  queue = "events",
  priorityOf?: (event: EventOf<T>) => number,
): Subscriber {
  return {
    name,
    queue,
    types,
    handle: (ctx, event) => handle(ctx, event as EventOf<T>),
    ...(priorityOf && { priorityOf: (event) => priorityOf(event as EventOf<T>) }),
  };
}

/** One job per (event, subscriber), so that a failing reaction is retried without repeating the others. */
export function jobsFor(subscribers: readonly Subscriber[], batch: readonly StoredEvent[]) {
  const byQueue = new Map<string, QueuedJob[]>();
  for (const { id, event } of batch) {
    for (const subscriber of subscribers) {
      if (!subscriber.types.includes(event.type)) continue;
      const jobs = byQueue.get(subscriber.queue) ?? [];
      const priority = subscriber.priorityOf?.(event);
      const job = { id: `${id}-${subscriber.name}`, name: subscriber.name, data: event };
      jobs.push(priority === undefined ? job : { ...job, priority });
      byQueue.set(subscriber.queue, jobs);
    }
  }
  return byQueue;
}

/** Starts one worker per queue that dispatches jobs to their subscribers. */
export function startSubscribers(
  ctx: Context,
  queues: Queues,
  subscribers: readonly Subscriber[],
  concurrency: Record<string, number>,
): void {
  const byName = new Map(subscribers.map((subscriber) => [subscriber.name, subscriber]));
  for (const queue of new Set(subscribers.map((subscriber) => subscriber.queue))) {
    queues.work(queue, concurrency[queue] ?? 4, async (job) => {
      const subscriber = byName.get(job.name);
      if (!subscriber)
        throw new Error(`No subscriber is called ${job.name}: was it renamed while jobs were queued?`);
      await subscriber.handle(ctx, job.data as PodiumEvent);
    });
  }
}
