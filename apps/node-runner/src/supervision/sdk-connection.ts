import {
  DomainError,
  encodeFrame,
  type Frame,
  FrameReader,
  type RunnerFrame,
  type SdkFrame,
  sdkFrameSchema,
} from "@podium/shared";
import type { Socket } from "bun";
import type { Log } from "../log.ts";
import { linesOf } from "./sdk-lines.ts";
import type { Spool } from "./spool.ts";

/** Frames that wait for the disk beyond this number make the runner stop reading: the SDK then buffers. */
const PAUSE_AT = 2_000;
const RESUME_AT = 200;

type ResultFrame = Extract<SdkFrame, { type: "result" }>;
type SaveFrame = Extract<SdkFrame, { type: "save" }>;
type ExecutedFrame = Extract<SdkFrame, { type: "executed" }>;
type LoadFrame = Extract<SdkFrame, { type: "load" }>;
type SequencedFrame = Exclude<SdkFrame, { type: "hello" | "result" | "nothing_to_save" | "executed" }>;

/** What a connection needs others to do. `save` and `load` throw a `DomainError` whose message the script gets. */
export interface SdkHandlers {
  save(frame: SaveFrame, from: [pid: number, seq: number]): Promise<void>;
  load(frame: LoadFrame): Promise<string>;
  result(pid: number, frame: ResultFrame, tail: Uint8Array): void;
  executed(frame: ExecutedFrame): void;
  changed(): void;
}

/**
 * One process of the session on the socket. Its frames are handled in the order they came; what is simple goes to
 * the disk in groups, so one fsync acknowledges many reports.
 */
export class SdkConnection {
  pid: number | null = null;
  mode = "";
  /** It was asked for a checkpoint and has not said that it has none to give. */
  maySave = false;
  readonly #reader = new FrameReader();
  readonly #frames: SequencedFrame[] = [];
  #outgoing: Uint8Array[] = [];
  #paused = false;
  #pumping: Promise<void> | null = null;

  constructor(
    private readonly socket: Socket<SdkConnection>,
    private readonly spool: Spool,
    private readonly handlers: SdkHandlers,
    private readonly now: () => Date,
    private readonly log: Log,
  ) {}

  /** Bytes from the process. A stream that is not one of frames ends the connection. */
  receive(bytes: Uint8Array) {
    try {
      for (const frame of this.#reader.push(bytes)) this.#accept(frame);
    } catch (error) {
      this.log.warn({ err: error }, "the session sent something that is not a frame");
      this.socket.end();
    }
    if (!this.#paused && this.#frames.length > PAUSE_AT) {
      this.#paused = true;
      this.socket.pause();
    }
  }

  /** Everything that was received is handled. */
  async settled() {
    while (this.#pumping) await this.#pumping;
  }

  send(frame: RunnerFrame, tail: readonly Uint8Array[] = []) {
    this.#outgoing.push(encodeFrame(frame, tail));
    if (this.#outgoing.length === 1) this.flush();
  }

  /** Writes what fits; Bun calls again (`drain`) when there is room. */
  flush() {
    for (let next = this.#outgoing[0]; next; next = this.#outgoing[0]) {
      const written = this.socket.write(next);
      if (written < 0) return;
      if (written < next.byteLength) {
        this.#outgoing[0] = next.subarray(written);
        return;
      }
      this.#outgoing.shift();
    }
  }

  #accept({ meta, tail }: Frame) {
    if (meta["type"] === "result" && isResult(meta, tail)) {
      if (this.pid !== null) this.handlers.result(this.pid, meta, tail);
      return;
    }
    const parsed = sdkFrameSchema.safeParse(meta);
    if (!parsed.success) return this.#refuse(meta, parsed.error.issues[0]);
    const frame = parsed.data;
    if (frame.type === "hello") {
      this.pid = frame.pid;
      this.mode = frame.mode;
      this.send({ type: "hello" });
      this.handlers.changed();
    } else if (frame.type === "nothing_to_save") {
      this.maySave = false;
      this.handlers.changed();
    } else if (frame.type === "executed") {
      this.handlers.executed(frame);
    } else if (frame.type !== "result") {
      this.#frames.push(frame);
      this.#pumping ??= this.#pump().finally(() => {
        this.#pumping = null;
      });
    }
  }

  #refuse(meta: Record<string, unknown>, issue: { path: PropertyKey[]; message: string } | undefined) {
    const what = `The field "${issue?.path.join(".") ?? ""}" of a "${String(meta["type"])}" is wrong: ${issue?.message}`;
    if (typeof meta["seq"] === "number") this.send({ type: "nack", seq: meta["seq"], message: what });
    else this.log.warn({ problem: what }, "the session sent a malformed frame");
  }

  async #pump() {
    // One turn of the event loop gathers what one read of the socket brought.
    await Promise.resolve();
    while (this.#frames.length > 0) {
      const special = this.#frames.findIndex((frame) => frame.type === "save" || frame.type === "load");
      const group = this.#frames.splice(0, special === 0 ? 1 : special > 0 ? special : this.#frames.length);
      try {
        await this.#handle(group);
      } catch (error) {
        // Nothing was acknowledged: the SDK sends it all again over a new connection.
        this.log.error({ err: error }, "what the session reported could not be stored");
        this.#frames.length = 0;
        this.socket.end();
        return;
      }
      if (this.#paused && this.#frames.length < RESUME_AT) {
        this.#paused = false;
        this.socket.resume();
      }
    }
  }

  async #handle(group: SequencedFrame[]) {
    const [first] = group;
    if (first?.type === "save") return this.#save(first);
    if (first?.type === "load") return this.#load(first);
    const pid = this.pid ?? 0;
    const fresh = group.filter((frame) => !this.spool.holds(pid, frame.seq));
    const refused: number[] = [];
    const lines = fresh.flatMap((frame) => {
      const made = linesOf(frame, pid, this.now());
      if (typeof made !== "string") return made;
      refused.push(frame.seq);
      this.send({ type: "nack", seq: frame.seq, message: made });
      return [];
    });
    await this.spool.append(lines);
    const last = group.at(-1);
    if (last && !refused.includes(last.seq)) this.send({ type: "ack", seq: last.seq });
    if (fresh.some((frame) => frame.type === "ready")) this.handlers.changed();
  }

  async #save(frame: SaveFrame) {
    const from: [number, number] = [this.pid ?? 0, frame.seq];
    await this.#answer(frame.seq, async () => {
      if (this.spool.holds(...from)) await this.spool.append([]);
      else await this.handlers.save(frame, from);
      return { type: "ack", seq: frame.seq };
    });
  }

  async #load(frame: LoadFrame) {
    await this.#answer(frame.seq, async () => ({
      type: "loaded",
      seq: frame.seq,
      path: await this.handlers.load(frame),
    }));
  }

  async #answer(seq: number, work: () => Promise<RunnerFrame>) {
    try {
      this.send(await work());
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.send({ type: "nack", seq, message: error.message });
    }
  }
}

/** The hot path of serving: looked at by hand, as a schema would cost more than the rest of the way. */
function isResult(meta: Record<string, unknown>, tail: Uint8Array): meta is ResultFrame {
  const items = meta["items"];
  if (!Number.isInteger(meta["batch"]) || !Array.isArray(items)) return false;
  let length = 0;
  for (const item of items) {
    if (!Number.isInteger(item?.status) || !Number.isInteger(item?.length) || item.length < 0) return false;
    length += item.length;
  }
  return length === tail.byteLength;
}
