import type { Binding } from "../batching/binding.ts";
import { Call, type Caller } from "../batching/call.ts";
import type { Clock } from "../clock.ts";
import type { Random } from "../routing/choose-binding.ts";
import type { Endpoint } from "../routing/endpoint.ts";
import { compareAnswers } from "./compare-answers.ts";
import { ShadowFigures } from "./shadow-figures.ts";

const MIB = 1024 * 1024;
/** Copies under way in this gateway, and the bytes that they hold. */
const MAX_COPIES = 64;
const MAX_BYTES = 64 * MIB;
/** Larger answers take too long to compare. */
const MAX_ANSWER_BYTES = 4 * MIB;
/** So many callers who wait are a load: copies make room for them first. */
const BUSY_QUEUE = 64;
/** After a comparison the next one waits this many times as long: together they take a twentieth of the gateway's time. */
const REST = 19;

/** Nobody waits for a copy, so nobody can leave. */
const NOBODY: Caller = { signal: { aborted: false } };

/**
 * Sends shadows copies of calls that callers have had their answers to, and compares. A copy is made after its answer,
 * is in no bill and in no figure of the endpoint, and is the first to be dropped: no caller ever waits for one.
 */
export class Shadows {
  #copies = 0;
  #bytes = 0;
  #restUntil = 0;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** @param call answered with 200 by `primary` */
  mirror(endpoint: Endpoint, primary: Binding, call: Call) {
    for (const shadow of endpoint.shadows) {
      if (shadow.version === call.version || this.random() * 100 >= (shadow.shadow?.percent ?? 0)) continue;
      shadow.figures.shadow ??= new ShadowFigures();
      if (this.#hasRoom(shadow, primary, endpoint, call)) this.#copy(endpoint, shadow, call);
      else shadow.figures.shadow.dropped += 1;
    }
  }

  #hasRoom(shadow: Binding, primary: Binding, { maxQueue }: Endpoint, { work, answer }: Call): boolean {
    return (
      shadow.isReady &&
      this.#copies < MAX_COPIES &&
      this.#bytes + work.body.byteLength + answer.byteLength <= MAX_BYTES &&
      answer.byteLength <= MAX_ANSWER_BYTES &&
      primary.waiting.size < Math.min(BUSY_QUEUE, maxQueue / 4) &&
      this.clock.elapsedMs() >= this.#restUntil
    );
  }

  #copy(endpoint: Endpoint, shadow: Binding, call: Call) {
    const now = this.clock.elapsedMs();
    // Pinned: when the shadow leaves the table its copies end, and never go to who answers callers.
    const work = { ...call.work, pinned: true };
    const copy = new Call(work, NOBODY, now, now + endpoint.timeoutMs);
    const bytes = work.body.byteLength + call.answer.byteLength;
    this.#copies += 1;
    this.#bytes += bytes;
    shadow.adopt(copy);
    void copy.done.then(() => {
      this.#copies -= 1;
      this.#bytes -= bytes;
      this.#compare(shadow, call, copy);
    });
  }

  #compare(shadow: Binding, call: Call, copy: Call) {
    const { figures } = shadow;
    figures.shadow ??= new ShadowFigures();
    if (copy.status !== 200) return figures.shadow.noAnswer();
    const startedAt = this.clock.elapsedMs();
    if (startedAt < this.#restUntil || copy.answer.byteLength > MAX_ANSWER_BYTES) {
      figures.shadow.dropped += 1;
      return;
    }
    const comparison = compareAnswers(call, copy, shadow.shadow?.tolerance ?? 0);
    const ms = copy.answeredAt - copy.arrivedAt;
    figures.shadow.answered(comparison, ms, call.answeredAt - call.arrivedAt, this.clock.now());
    const endedAt = this.clock.elapsedMs();
    this.#restUntil = endedAt + REST * (endedAt - startedAt);
  }
}
