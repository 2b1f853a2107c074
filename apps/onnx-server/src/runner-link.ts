import { type BatchFrame, encodeFrame, FrameReader, type RunnerFrame, type SdkFrame } from "@podium/shared";
import type { Socket } from "bun";

const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 2_000;
/** How long a last word may take to arrive. */
const FLUSH_MS = 10_000;

export interface LinkHandlers {
  /** A connection stands: what an earlier runner was told has to be said again. */
  connected(): void;
  batch(frame: BatchFrame, tail: Uint8Array): void;
  stop(): void;
}

type Sequenced = Extract<SdkFrame, { type: "ready" | "failure" }>;
type WithoutSeq<T> = T extends unknown ? Omit<T, "seq"> : never;

/** The socket to the runner, as the SDK has one: dialled again for as long as this process lives. */
export class RunnerLink {
  #socket: Socket | null = null;
  #outgoing: Uint8Array[] = [];
  #backoffMs = FIRST_BACKOFF_MS;
  #answered: ((refusal: string | null) => void) | null = null;
  #closed = false;

  /** @param seq of the first frame that the runner acknowledges */
  constructor(
    private readonly path: string,
    private seq: number,
    private readonly handlers: LinkHandlers,
  ) {
    void this.#dial();
  }

  get isIdle(): boolean {
    return this.#outgoing.length === 0;
  }

  send(frame: object, tail: readonly Uint8Array[] = []) {
    if (!this.#socket) return;
    this.#outgoing.push(encodeFrame(frame, tail));
    if (this.#outgoing.length === 1) this.#flush();
  }

  /** Says something that the runner writes down; resolves with its refusal, null when it has it or does not answer. */
  tell(frame: WithoutSeq<Sequenced>): Promise<string | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), FLUSH_MS);
      this.#answered = (refusal) => {
        clearTimeout(timer);
        resolve(refusal);
      };
      this.send({ ...frame, seq: this.seq++ });
    });
  }

  /** Sends what is on its way, then leaves. */
  async close() {
    for (let waited = 0; !this.isIdle && this.#socket && waited < FLUSH_MS; waited += 10) await Bun.sleep(10);
    this.#closed = true;
    this.#socket?.end();
  }

  async #dial() {
    const reader = new FrameReader<RunnerFrame & Record<string, unknown>>();
    try {
      await Bun.connect({
        unix: this.path,
        socket: {
          open: (socket) => this.#opened(socket),
          data: (_socket, bytes) => {
            for (const { meta, tail } of reader.push(bytes)) this.#receive(meta, tail);
          },
          drain: () => this.#flush(),
          close: () => this.#lost(),
          error: () => this.#lost(),
        },
      });
    } catch {
      this.#lost();
    }
  }

  #opened(socket: Socket) {
    this.#socket = socket;
    this.#backoffMs = FIRST_BACKOFF_MS;
    this.#outgoing = [];
    this.send({ type: "hello", seq: 0, pid: process.pid, mode: "serve", sdk_version: "onnx" });
    this.handlers.connected();
  }

  #lost() {
    this.#socket = null;
    this.#outgoing = [];
    if (this.#closed) return;
    setTimeout(() => void this.#dial(), this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * 2, LONGEST_BACKOFF_MS);
  }

  #receive(frame: RunnerFrame, tail: Uint8Array) {
    if (frame.type === "batch") this.handlers.batch(frame, tail);
    else if (frame.type === "ack") this.#answer(null);
    else if (frame.type === "nack") this.#answer(frame.message);
    else if (frame.type === "checkpoint" || frame.type === "stop") {
      this.send({ type: "nothing_to_save", seq: 0 });
      if (frame.type === "stop") this.handlers.stop();
    }
  }

  #answer(refusal: string | null) {
    this.#answered?.(refusal);
    this.#answered = null;
  }

  #flush() {
    for (let next = this.#outgoing[0]; next && this.#socket; next = this.#outgoing[0]) {
      const written = this.#socket.write(next);
      if (written < 0) return;
      if (written < next.byteLength) {
        this.#outgoing[0] = next.subarray(written);
        return;
      }
      this.#outgoing.shift();
    }
  }
}
