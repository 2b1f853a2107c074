import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type BatchItem,
  encodeFrame,
  type Frame,
  FrameReader,
  type ModelSignature,
  type ResultItem,
  type SdkFrame,
} from "@podium/shared";
import type { Socket } from "bun";

const MAIN = join(import.meta.dir, "../main.ts");
const RUNTIME = dirname(Bun.resolveSync("onnxruntime-node/package.json", import.meta.dir));
const WAIT_MS = 20_000;

export interface Answer {
  status: number;
  outputs: ResultItem["outputs"];
  bytes: Buffer;
}

/** The server as a process of its own, on a folder of files; this plays the runner. */
export class TestServer implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "podium-onnx-"));
  readonly frames: SdkFrame[] = [];
  output = "";
  #socket: Socket<FrameReader> | null = null;
  #outgoing: Uint8Array[] = [];
  #batch = 0;
  readonly #answers = new Map<number, (answers: Answer[]) => void>();
  #waiters: (() => void)[] = [];
  readonly #listener;
  readonly #process;

  /** @param prepare makes files that are not given as bytes */
  constructor(
    files: Record<string, Uint8Array>,
    { file = "model.onnx", prepare = (_model: string) => {} } = {},
  ) {
    const model = join(this.folder, "model");
    mkdirSync(model);
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(model, name), bytes);
    prepare(model);
    const path = join(this.folder, "socket");
    this.#listener = Bun.listen<FrameReader>({
      unix: path,
      socket: {
        open: (socket) => {
          socket.data = new FrameReader();
          this.#socket = socket;
        },
        data: (socket, bytes) => {
          for (const frame of socket.data.push(bytes)) this.#receive(frame);
        },
        drain: () => this.#flush(),
      },
    });
    this.#process = Bun.spawn([process.execPath, MAIN, RUNTIME, model, file, "1"], {
      env: { PODIUM_SOCKET: path },
      stderr: "pipe",
    });
    void this.#read(this.#process.stderr);
  }

  static of(model: Uint8Array) {
    return new TestServer({ "model.onnx": model });
  }

  /** The signature, once the model is loaded; throws with what the server said when it never is. */
  async ready(): Promise<ModelSignature> {
    const found = await this.#until(() =>
      this.frames.find((frame) => frame.type === "ready" || frame.type === "failure"),
    );
    if (found.type === "ready") return found.signature;
    throw new Error(found.type === "failure" ? `${found.message} ${found.hint ?? ""}` : "");
  }

  /** Why the server has given up, as people read it. */
  async failure(): Promise<string> {
    const error = await this.ready().then(
      () => new Error("it is ready"),
      (thrown: Error) => thrown,
    );
    await this.#process.exited;
    return error.message;
  }

  get exited(): Promise<number> {
    return this.#process.exited;
  }

  /** Sends items as one batch. */
  batch(items: readonly { item: Omit<BatchItem, "length">; bytes: Uint8Array }[]): Promise<Answer[]> {
    const batch = ++this.#batch;
    const parts = items.map(({ item, bytes }) => ({ ...item, length: bytes.byteLength }));
    return new Promise((resolve) => {
      this.#answers.set(batch, resolve);
      this.send(
        { type: "batch", batch, items: parts },
        items.map(({ bytes }) => bytes),
      );
    });
  }

  /** Bodies of JSON, as one batch. @returns status and the answer, parsed */
  async json(...bodies: unknown[]): Promise<[number, unknown][]> {
    const texts = bodies.map((body) => (typeof body === "string" ? body : JSON.stringify(body)));
    const answers = await this.batch(
      texts.map((text) => ({ item: { kind: "json" }, bytes: Buffer.from(text) })),
    );
    return answers.map(({ status, bytes }) => [status, JSON.parse(bytes.toString())]);
  }

  send(frame: object, tail: readonly Uint8Array[] = []) {
    this.#outgoing.push(encodeFrame(frame, tail));
    this.#flush();
  }

  /** The runner dies: its connections break, and it listens on. */
  breakConnection() {
    this.#socket?.terminate();
  }

  async [Symbol.asyncDispose]() {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
    this.#listener.stop(true);
    rmSync(this.folder, { recursive: true });
  }

  #receive({ meta, tail }: Frame) {
    const frame = meta as unknown as SdkFrame;
    if (frame.type === "result") this.#answers.get(frame.batch)?.(cut(frame.items, tail));
    else this.frames.push(frame);
    if ("seq" in frame && frame.seq > 0) this.send({ type: "ack", seq: frame.seq });
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #flush() {
    for (let next = this.#outgoing[0]; next && this.#socket; next = this.#outgoing[0]) {
      const written = this.#socket.write(next);
      if (written < next.byteLength) {
        this.#outgoing[0] = next.subarray(Math.max(written, 0));
        return;
      }
      this.#outgoing.shift();
    }
  }

  async #until<T>(look: () => T | undefined): Promise<T> {
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), WAIT_MS);
    try {
      for (let found = look(); ; found = look()) {
        if (found !== undefined) return found;
        if (this.#process.exitCode !== null) throw new Error(`the server has ended: ${this.output}`);
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#waiters.push(resolve);
        await Promise.race([promise, this.#process.exited]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(stream: ReadableStream<Uint8Array>) {
    const decoder = new TextDecoder();
    for await (const part of stream as unknown as AsyncIterable<Uint8Array>)
      this.output += decoder.decode(part);
  }
}

function cut(items: readonly ResultItem[], tail: Uint8Array): Answer[] {
  let offset = 0;
  return items.map(({ status, length, outputs }) => {
    const bytes = Buffer.from(tail.subarray(offset, offset + length));
    offset += length;
    return { status, outputs, bytes };
  });
}
