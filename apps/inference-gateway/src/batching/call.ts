import type { BatchItem, DomainError, TensorPart } from "@podium/shared";
import type { Streaming } from "./streaming.ts";

/** What a call needs of the HTTP request behind it: whether its caller has gone. */
export interface Caller {
  readonly signal: { readonly aborted: boolean };
}

/** The trace that a call is part of, where it is recorded. */
export interface RecordedTrace {
  /** W3C Trace Context of the request's span, for those further on */
  readonly traceparent: string;
}

/** What a caller asks of a model. */
export interface Work {
  item: BatchItem;
  body: Uint8Array;
  /** rows that it counts for in a batch; Infinity: it shares none */
  rows: number;
  /** calls with the same key may share a batch */
  key: string;
  /** the caller named a model version: another one must not answer */
  pinned: boolean;
  /** the caller's own time limit in milliseconds, where its body has one */
  timeoutMs?: number;
}

const NO_BYTES = new Uint8Array(0);

/**
 * One admitted request on its way: waiting in a queue, or in a batch at a replica, or settled.
 * Settles exactly once; whatever comes later for it is dropped.
 */
export class Call {
  /** resolves with this call when it is answered or has failed; never rejects */
  readonly done: Promise<Call>;
  /** neighbours in the queue where it waits */
  previous: Call | null = null;
  next: Call | null = null;

  settled = false;
  /** status of the replica's answer; 0 when there is none */
  status = 0;
  answer: Uint8Array = NO_BYTES;
  /** what the answer's bytes are, as the replica describes them: for tensors */
  outputs: TensorPart[] | undefined = undefined;
  failure: DomainError | null = null;
  /** version of the model that it was given to last */
  version = 0;
  /** models that died while they worked on it */
  deaths = 0;
  /** connections to replicas that broke while they worked on it */
  breaks = 0;
  /** a held call: how long a replica may take for it once it has it, in ms; 0: its deadline says it all */
  patienceMs = 0;
  /** monotonic milliseconds; 0 while it never left the queue */
  sentAt = 0;
  answeredAt = 0;
  /** requests in its batch; 0 while it never left the queue */
  batchSize = 0;
  /** milliseconds that its batch waited at the replica, and that the model took; of a stream, until its first piece */
  heldMs = 0;
  computeMs = 0;
  /** null: it is not recorded */
  trace: RecordedTrace | null = null;
  #resolve: (call: Call) => void = ignore;

  /**
   * @param arrivedAt @param deadline monotonic milliseconds; each piece of a streamed answer sets a new deadline
   * @param stream null: the answer is wanted whole
   */
  constructor(
    readonly work: Work,
    public caller: Caller,
    readonly arrivedAt: number,
    public deadline: number,
    readonly stream: Streaming | null = null,
  ) {
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** What became of a replica may have been its doing. */
  get isSuspect(): boolean {
    return this.deaths + this.breaks > 0;
  }

  /** Milliseconds that it waited for a replica. */
  get queueMs(): number {
    return Math.max(0, this.sentAt - this.arrivedAt);
  }

  /** Milliseconds to the replica and back: what is left of the time that it was there. */
  get transportMs(): number {
    return Math.max(0, this.answeredAt - this.sentAt - this.heldMs - this.computeMs);
  }

  /**
   * What the replica says of its batch. One that does not say is taken to have computed all the time.
   * @param at monotonic milliseconds @param computeUs, @param heldUs microseconds
   */
  timed(at: number, computeUs: number | undefined, heldUs: number | undefined) {
    const tookMs = at - this.sentAt;
    this.answeredAt = at;
    this.computeMs = computeUs === undefined ? tookMs : Math.min(computeUs / 1000, tookMs);
    this.heldMs = heldUs === undefined ? 0 : Math.min(heldUs / 1000, tookMs - this.computeMs);
  }

  reply(status: number, answer: Uint8Array, outputs?: TensorPart[]) {
    if (this.settled) return;
    this.settled = true;
    this.status = status;
    this.answer = answer;
    this.outputs = outputs;
    this.#resolve(this);
  }

  /** One piece of a streamed answer. @param at monotonic milliseconds */
  takePiece(json: Uint8Array, at: number) {
    if (this.settled || !this.stream) return;
    this.deadline = at + this.stream.patienceMs;
    this.stream.take(json);
  }

  /** Nobody waits any more: ends it here and, where it is streamed, at its replica. */
  leave(failure: DomainError) {
    if (this.settled) return;
    this.fail(failure);
    this.stream?.onLeave();
  }

  fail(failure: DomainError) {
    if (this.settled) return;
    this.settled = true;
    this.failure = failure;
    this.#resolve(this);
  }
}

function ignore() {}
