import type { RunnerFrame, SdkFrame } from "@podium/shared";

const PATIENCE_MS = 60_000;

type Executed = Extract<SdkFrame, { type: "executed" }>;
export type Execution = Pick<Executed, "ok" | "text">;

/** Code that people have had sent to the script, until the script has answered. */
export class Executions {
  readonly #waiting = new Map<string, (execution: Execution) => void>();
  #last = 0;

  /** Resolves with what the code came to, or with a sentence that says why there is no answer. */
  async run(code: string, send: (frame: RunnerFrame) => void): Promise<Execution> {
    const id = String(++this.#last);
    const { promise, resolve } = Promise.withResolvers<Execution>();
    const late = setTimeout(() => resolve(NO_ANSWER), PATIENCE_MS);
    this.#waiting.set(id, resolve);
    send({ type: "exec", id, code });
    return promise.finally(() => {
      clearTimeout(late);
      this.#waiting.delete(id);
    });
  }

  answer({ id, ok, text }: Executed) {
    this.#waiting.get(id)?.({ ok, text });
  }
}

const NO_ANSWER = {
  ok: false,
  text: `The script did not come by within ${PATIENCE_MS / 1000} s: code is evaluated at its next podium.report() or save().\n`,
};
