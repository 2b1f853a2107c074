import { GOOD_CALLS, WRONG_CALLS } from "../../../tests/lib/serving/distinct-calls.ts";
import type { RawAnswer } from "../../../tests/lib/serving/raw-caller.ts";

export interface Outcomes {
  answered: number;
  /** an answer that was another caller's, or of the wrong kind */
  wrong: number;
  /** 5xx and broken connections that a second try made good, as every client's retry policy would */
  hidden: number;
  /** those that were there a second time */
  shown: number;
  /** 429: told to come again */
  turnedAway: number;
  examples: string[];
}

const WRONG_SHARE = 0.05;
const EXAMPLES = 10;

/** Callers that ask a model in every form, each waiting for its answer and checking that it is its own. */
export class Callers {
  readonly outcomes: Outcomes = {
    answered: 0,
    wrong: 0,
    hidden: 0,
    shown: 0,
    turnedAway: 0,
    examples: [],
  };
  #last = 0;

  constructor(
    private readonly url: string,
    private readonly model: string,
    private readonly keys: readonly string[],
    private readonly random: () => number,
  ) {}

  /** One call and, where that is 5xx, a second try. Never rejects. */
  async call() {
    this.#last = (this.#last + 1) % 2 ** 30;
    const n = this.#last;
    const kinds = this.random() < WRONG_SHARE ? WRONG_CALLS : GOOD_CALLS;
    const make = kinds[Math.floor(this.random() * kinds.length)];
    const asked = make?.(this.model, n, this.keys[n % this.keys.length] ?? "");
    if (!asked) return;
    let answer = await this.#send(asked);
    if (answer === null || answer.status >= 500) {
      const first = answer;
      answer = await this.#send(asked);
      if (answer === null || answer.status >= 500) {
        this.outcomes.shown += 1;
        this.#tell(asked.path, answer ?? first);
        return;
      }
      this.outcomes.hidden += 1;
    }
    if (answer.status === 429) {
      this.outcomes.turnedAway += 1;
      return;
    }
    this.outcomes.answered += 1;
    const complaint = asked.complain(answer);
    if (complaint === null) return;
    this.outcomes.wrong += 1;
    this.#tell(asked.path, answer);
  }

  async #send(asked: { path: string; headers: Record<string, string>; body: Uint8Array | string }) {
    try {
      const response = await fetch(this.url + asked.path, {
        method: "POST",
        headers: asked.headers,
        body: asked.body as string,
      });
      const headers = new Map([...response.headers].map(([name, value]) => [name.toLowerCase(), value]));
      return { status: response.status, headers, body: Buffer.from(await response.arrayBuffer()) };
    } catch {
      return null;
    }
  }

  #tell(path: string, answer: RawAnswer | null) {
    if (this.outcomes.examples.length >= EXAMPLES) return;
    this.outcomes.examples.push(
      answer ? `${path}: ${answer.status} ${answer.body.subarray(0, 200)}` : `${path}: the connection broke`,
    );
  }
}
