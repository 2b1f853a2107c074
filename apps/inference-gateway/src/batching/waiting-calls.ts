import type { Call } from "./call.ts";
import { CallQueue } from "./call-queue.ts";

/** Bytes of bodies in one batch, unless a single body is larger: the next one arrives while this one is computed. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** How many rows a batch may have whose most urgent call has until `deadline`, monotonic milliseconds. */
export type RowLimit = (deadline: number) => number;

/** The calls that wait for one binding: a queue for each key, because only calls of one key share a batch. */
export class WaitingCalls {
  readonly #queues = new Map<string, CallQueue>();
  size = 0;
  /** of all calls but streamed ones, which share no batch */
  rows = 0;

  push(call: Call) {
    this.#queueOf(call.work.key).push(call);
    this.#count(call, 1);
  }

  unshift(call: Call) {
    this.#queueOf(call.work.key).unshift(call);
    this.#count(call, 1);
  }

  remove(call: Call) {
    const queue = this.#queues.get(call.work.key);
    if (!queue) return;
    queue.remove(call);
    this.#count(call, -1);
    if (queue.size === 0) this.#queues.delete(call.work.key);
  }

  /** All of them, oldest of each key first. A call may be removed while it is visited. */
  *[Symbol.iterator](): Generator<Call> {
    for (const queue of [...this.#queues.values()]) {
      let call = queue.first;
      while (call) {
        const next: Call | null = call.next;
        yield call;
        call = next;
      }
    }
  }

  /**
   * Takes the next batch: calls of the key whose head has waited longest, in order.
   * @param maxRows a call with more rows than that goes alone
   * @param takesStreams false: calls whose answer is streamed go on waiting
   * @param isGone  a call that nobody waits for any more; it is handed to `isGone`, removed, and not taken
   */
  take(limitOf: RowLimit, isGone: (call: Call) => boolean, takesStreams = true): Call[] {
    const batch: Call[] = [];
    while (batch.length === 0 && this.size > 0) {
      const queue = this.#longestWaiting(takesStreams);
      if (!queue) break;
      this.#fill(batch, queue, limitOf, isGone);
    }
    return batch;
  }

  #fill(batch: Call[], queue: CallQueue, limitOf: RowLimit, isGone: (call: Call) => boolean) {
    let rows = 0;
    let bytes = 0;
    let deadline = Infinity;
    let limit = Infinity;
    for (let call = queue.first; call && rows < limit; call = queue.first) {
      const { work } = call;
      if (!isGone(call)) {
        if (call.deadline < deadline) {
          deadline = call.deadline;
          limit = Math.min(limit, limitOf(deadline));
        }
        rows += work.rows;
        bytes += work.body.byteLength;
        if (batch.length > 0 && (rows > limit || bytes > MAX_BATCH_BYTES || call.isSuspect)) return;
        batch.push(call);
        // What a replica died of may be this call: it takes no other one with it a second time.
        if (call.isSuspect) limit = 0;
      }
      this.remove(call);
    }
  }

  #count({ work }: Call, sign: 1 | -1) {
    this.size += sign;
    if (work.rows < Infinity) this.rows += sign * work.rows;
  }

  #queueOf(key: string): CallQueue {
    let queue = this.#queues.get(key);
    if (!queue) {
      queue = new CallQueue();
      this.#queues.set(key, queue);
    }
    return queue;
  }

  #longestWaiting(takesStreams: boolean): CallQueue | null {
    let oldest: CallQueue | null = null;
    for (const queue of this.#queues.values()) {
      if (!queue.first || (queue.first.stream && !takesStreams)) continue;
      if (!oldest?.first || queue.first.arrivedAt < oldest.first.arrivedAt) oldest = queue;
    }
    return oldest;
  }
}
