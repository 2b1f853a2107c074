import type { BatchItem, DomainError, TensorPart } from "@podium/shared";
import type { Streaming } from "./streaming.ts";

/** What a call needs of the HTTP request behind it: whether its caller has gone. */
export interface Caller {
  readonly signal: { readonly aborted: boolean };
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
  /** replicas that died while they held it */
  losses = 0;
  /** a held call: how long a replica may take for it once it has it, in ms; 0: its deadline says it all */
  patienceMs = 0;
  /** monotonic milliseconds; 0 while it never left the queue */
  sentAt = 0;
  answeredAt = 0;
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

  reply(status: number, answer: Uint8Array, at: number, outputs?: TensorPart[]) {
    if (this.settled) return;
    this.settled = true;
    this.status = status;
    this.answer = answer;
    this.outputs = outputs;
    this.answeredAt = at;
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
