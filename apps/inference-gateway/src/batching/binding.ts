import { BATCH_BOUNDS, DomainError, type ModelSignature } from "@podium/shared";
import type { Clock } from "../clock.ts";
import { Histogram } from "../histogram.ts";
import { Tally } from "../observing/tally.ts";
import type { Pace } from "../replicas/pace.ts";
import { VersionFigures } from "../versions/version-figures.ts";
import type { Call } from "./call.ts";
import { expectWait, type Glance, glance, isFarFromLate, NOTHING_KNOWN } from "./expect-wait.ts";
import type { Hold } from "./hold.ts";
import { WaitingCalls } from "./waiting-calls.ts";

/** A call goes to another replica after one model has died of it, and after so many runners went away under it. */
const MAX_DEATHS = 1;
const MAX_BREAKS = 3;

/** A replica as its binding sees it. */
export interface Puller {
  readonly tokenSha256: string;
  /** false once it is closed or told to drain */
  readonly takesWork: boolean;
  /** false while it has as many streamed answers under way as it should */
  readonly takesStreams: boolean;
  readonly pace: Pace;
  /** calls that it has been given and has not answered */
  readonly inFlight: number;
  send(calls: Call[]): void;
  drain(): void;
}

interface Pull {
  puller: Puller;
  maxItems: number;
}

/**
 * Where the calls of one model version meet its free replicas.
 * A replica's pull takes what waits at that moment; nothing is held back to fill a batch.
 * Single-threaded: every method runs to its end before the next event, so there is nothing to lock.
 */
export class Binding {
  weight = 0;
  model = "";
  version = 0;
  signature: ModelSignature | null = null;
  /** copies of others' calls that it gets; null: none */
  shadow: { percent: number; tolerance: number } | null = null;
  /** replicas that the hub has placed, whether or not they have dialled this gateway */
  placed = 0;
  readonly figures = new VersionFigures();
  /** set where calls are held while there is no replica, and the hub has one started */
  hold: Hold | null = null;
  readonly waiting = new WaitingCalls();
  readonly replicas = new Set<Puller>();
  readonly batchItems = new Histogram(BATCH_BOUNDS);
  readonly tally = new Tally();
  /** where calls go when this binding has left the route table */
  #relocate: ((call: Call) => void) | null = null;
  #pulls: Pull[] = [];
  #scheduled = false;
  /** the pace at the last dispatch: most calls are so far from late that a glance at it is enough */
  #glance: Glance = NOTHING_KNOWN;

  constructor(
    readonly id: string,
    readonly endpointId: string,
    private readonly clock: Clock,
  ) {}

  get isReady(): boolean {
    return this.replicas.size > 0;
  }

  /** A call finds a replica, or is held until there is one. */
  get takesCalls(): boolean {
    return this.replicas.size > 0 || (this.hold?.sleeps ?? false);
  }

  /** Queues a call. Throws `overloaded` when `maxQueue` calls wait already, or when it would wait longer than it can. */
  submit(call: Call, maxQueue: number) {
    this.refuseWhenFull(maxQueue);
    const { rows } = this.waiting;
    if (rows > 0 && !call.stream && !isFarFromLate(this.#glance, rows, call)) this.#refuseWhenLate(call);
    this.adopt(call);
  }

  refuseWhenFull(maxQueue: number) {
    if (this.waiting.size < maxQueue) return;
    const seconds = inSeconds(expectWait(this, 0, this.clock.elapsedMs()));
    throw new DomainError(
      "overloaded",
      `${this.waiting.size} requests wait already, as many as this endpoint allows. Try again in ${seconds} s.`,
      { retry_after_seconds: seconds },
    );
  }

  /** Only at the door, and only behind others: what was let in is never ended on an estimate. */
  #refuseWhenLate(call: Call) {
    const ms = expectWait(this, call.work.rows, call.arrivedAt);
    const allowed = call.deadline - call.arrivedAt;
    if (ms <= allowed) return;
    const seconds = inSeconds(ms);
    throw new DomainError(
      "overloaded",
      `${this.waiting.rows} rows wait before this request, which takes about ${Math.ceil(ms)} ms; it allows ${Math.ceil(allowed)} ms. Try again in ${seconds} s, or allow more time.`,
      { retry_after_seconds: seconds, expected_ms: Math.ceil(ms) },
    );
  }

  /** A free replica asks for up to `maxItems` rows. */
  pull(puller: Puller, maxItems: number) {
    this.#pulls.push({ puller, maxItems });
    this.#scheduleDispatch();
  }

  /** A replica takes no more work: its open pulls mean nothing now. */
  leave(puller: Puller) {
    this.replicas.delete(puller);
    this.#pulls = this.#pulls.filter((pull) => pull.puller !== puller);
  }

  /**
   * Takes back, to the head of the queue, what a lost replica held.
   * A call that two models died of is given up, and so is one that many connections broke on: it may be its doing.
   */
  giveBack(calls: Call[]) {
    for (const call of calls.reverse()) {
      if (call.settled) continue;
      if (call.stream && call.stream.pieces > 0) call.fail(lostMidway());
      else if (call.deaths > MAX_DEATHS || call.breaks > MAX_BREAKS) call.fail(lostAgain(call));
      else if (this.#relocate) this.#relocate(call);
      else this.waiting.unshift(call);
    }
    this.#scheduleDispatch();
  }

  /** Queues a call however many wait. One that was admitted before this binding left the route table goes elsewhere. */
  adopt(call: Call) {
    if (this.#relocate) {
      this.#relocate(call);
      return;
    }
    this.waiting.push(call);
    if (this.replicas.size === 0) this.hold?.onHeld();
    this.#scheduleDispatch();
  }

  /** Leaves the route table: what waits here, and what its last replicas may yet give back, goes elsewhere. */
  retire(relocate: (call: Call) => void) {
    this.#relocate = relocate;
    for (const call of this.waiting) {
      this.waiting.remove(call);
      relocate(call);
    }
  }

  /** A replica that had too many streamed answers under way has ended one. */
  streamEnded() {
    this.#scheduleDispatch();
  }

  /** Ends the waiting calls whose time is up or whose caller has gone. */
  sweep(now: number) {
    if (this.waiting.size === 0) return;
    for (const call of this.waiting) if (this.#isGone(call, now)) this.waiting.remove(call);
  }

  /** Many calls that arrive in one turn of the event loop are dispatched together, right after it. */
  #scheduleDispatch() {
    if (this.#scheduled || this.waiting.size === 0 || this.#pulls.length === 0) return;
    this.#scheduled = true;
    setImmediate(this.#dispatch);
  }

  readonly #dispatch = () => {
    this.#scheduled = false;
    const now = this.clock.elapsedMs();
    const isGone = (call: Call) => this.#isGone(call, now);
    const passedOver: Pull[] = [];
    let taken = 0;
    for (const pull of this.#pulls) {
      if (pull.puller.takesWork) {
        const { pace, takesStreams } = pull.puller;
        const limitOf = (deadline: number) => pace.rowsFor(pull.maxItems, deadline, now);
        const calls = this.waiting.take(limitOf, isGone, takesStreams);
        if (calls.length > 0) this.#hand(calls, pull.puller, now);
        else if (this.waiting.size === 0) break;
        else passedOver.push(pull);
      }
      taken += 1;
    }
    this.#pulls.splice(0, taken, ...passedOver);
    this.#glance = glance(this.replicas, now);
  };

  #hand(calls: Call[], puller: Puller, now: number) {
    for (const call of calls) {
      call.sentAt = now;
      call.batchSize = calls.length;
      call.version = this.version;
      if (call.patienceMs > 0) call.deadline = now + call.patienceMs;
    }
    this.batchItems.observe(calls.length);
    puller.send(calls);
  }

  #isGone(call: Call, now: number): boolean {
    if (call.settled) return true;
    if (call.caller.signal.aborted) call.fail(callerGone());
    else if (call.deadline <= now) call.fail(this.isReady ? tooLate(call) : noReplica());
    return call.settled;
  }
}

function inSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

export const tooLate = ({ arrivedAt, deadline, stream }: Call) =>
  new DomainError(
    "timeout",
    `The model did not answer within the time limit of ${Math.round(stream?.patienceMs ?? deadline - arrivedAt)} ms. Allow more time, or send fewer rows.`,
  );
export const noReplica = () =>
  new DomainError(
    "unavailable",
    "No replica of this model is running now. It may still be starting: try again shortly.",
    {
      retry_after_seconds: 5,
    },
  );
const lostAgain = ({ deaths, breaks }: Call) =>
  new DomainError(
    "unavailable",
    deaths > MAX_DEATHS
      ? "The model's process stopped twice while it worked on this request. Check the input and the model's logs."
      : `The connection to a replica broke ${breaks} times while it worked on this request. Try again shortly.`,
  );
const lostMidway = () =>
  new DomainError("unavailable", "The model's process stopped before the answer was complete. Try again.");
export const callerGone = () =>
  new DomainError("timeout", "The caller closed the connection before the answer.");
