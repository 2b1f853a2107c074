import { join } from "node:path";
import type { Subprocess } from "bun";
import type { ScoreRequest } from "./score-request.ts";
import { type ScorerAnswer, scorerAnswerSchema } from "./scorer-messages.ts";

/** The child ended, or was ended, before it answered. */
export class ScorerDied extends Error {
  override readonly name = "ScorerDied";
}

/** One warm scorer process. It scores one request at a time and is not used again after a failure. */
export class ScorerChild {
  #process: Subprocess<"pipe", "pipe", "inherit">;
  #answers: AsyncIterator<string>;

  constructor(entry: string = join(import.meta.dir, "scorer-process.ts")) {
    this.#process = Bun.spawn([process.execPath, "--no-env-file", entry], {
      cwd: import.meta.dir,
      env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#answers = textLines(this.#process.stdout)[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** False once the process has ended, by whatever hand. */
  get alive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /**
   * Scores one request.
   * @throws ScorerDied when the process ends first, or after `timeoutMs`, when it is killed
   */
  async ask(request: ScoreRequest, timeoutMs: number): Promise<ScorerAnswer> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      void this.kill();
    }, timeoutMs);
    try {
      this.#process.stdin.write(`${JSON.stringify({ request })}\n`);
      await this.#process.stdin.flush();
      const { value, done } = await this.#answers.next();
      if (!done) return scorerAnswerSchema.parse(JSON.parse(value));
    } catch (error) {
      void this.kill();
      if (!(error instanceof Error && /EPIPE|closed/i.test(error.message))) throw error;
    } finally {
      clearTimeout(timer);
    }
    await this.#process.exited;
    const how = this.#process.signalCode ?? `exit code ${this.#process.exitCode}`;
    throw new ScorerDied(late ? `it took longer than ${timeoutMs} ms` : `it ended the scorer (${how})`);
  }

  /** Ends the process at once; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
  }
}

async function* textLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream
    .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
