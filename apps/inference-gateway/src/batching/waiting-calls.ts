import type { Call } from "./call.ts";
import { CallQueue } from "./call-queue.ts";

/** Bytes of bodies in one batch, unless a single body is larger: keeps a frame far below `MAX_FRAME_BYTES`. */
const MAX_BATCH_BYTES = 64 * 1024 * 1024;

/** The calls that wait for one binding: a queue for each key, because only calls of one key share a batch. */
export class WaitingCalls {
  readonly #queues = new Map<string, CallQueue>();
  size = 0;
  /** of their bodies */
  bytes = 0;

  push(call: Call) {
    this.#queueOf(call.work.key).push(call);
    this.size += 1;
    this.bytes += call.work.body.byteLength;
  }

  unshift(call: Call) {
    this.#queueOf(call.work.key).unshift(call);
    this.size += 1;
    this.bytes += call.work.body.byteLength;
  }

  remove(call: Call) {
    const queue = this.#queues.get(call.work.key);
    if (!queue) return;
    queue.remove(call);
    this.size -= 1;
    this.bytes -= call.work.body.byteLength;
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
  take(maxRows: number, isGone: (call: Call) => boolean, takesStreams = true): Call[] {
    const batch: Call[] = [];
    while (batch.length === 0 && this.size > 0) {
      const queue = this.#longestWaiting(takesStreams);
      if (!queue) break;
      this.#fill(batch, queue, maxRows, isGone);
    }
    return batch;
  }

  #fill(batch: Call[], queue: CallQueue, maxRows: number, isGone: (call: Call) => boolean) {
    let rows = 0;
    let bytes = 0;
    let call = queue.first;
    while (call && rows < maxRows) {
      const { work } = call;
      const gone = isGone(call);
      if (!gone) {
        rows += work.rows;
        bytes += work.body.byteLength;
        if (batch.length > 0 && (rows > maxRows || bytes > MAX_BATCH_BYTES)) return;
        batch.push(call);
      }
      this.remove(call);
      call = queue.first;
    }
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
