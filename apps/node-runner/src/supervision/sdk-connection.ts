import {
  DomainError,
  type Frame,
  FrameReader,
  framePieces,
  type RunnerFrame,
  type SdkFrame,
  sdkFrameSchema,
} from "@podium/shared";
import type { Socket } from "bun";
import { excessOf, linesOf } from "./sdk-lines.ts";
import type { Spool } from "./spool.ts";

/** Frames that wait for the disk beyond this number make the runner stop reading: the SDK then buffers. */
const PAUSE_AT = 2_000;
const RESUME_AT = 200;
/** The same in bytes: of frames that wait for the disk, and of answers that the session does not read. */
const PAUSE_BYTES = 4 * 1024 ** 2;

type ResultFrame = Extract<SdkFrame, { type: "result" }>;
type SaveFrame = Extract<SdkFrame, { type: "save" }>;
type ExecutedFrame = Extract<SdkFrame, { type: "executed" }>;
type LoadFrame = Extract<SdkFrame, { type: "load" }>;
type SequencedFrame = Exclude<
  SdkFrame,
  { type: "hello" | "result" | "chunk" | "nothing_to_save" | "executed" }
>;

/** What a connection needs others to do. `save` and `load` throw a `DomainError` whose message the script gets. */
export interface SdkHandlers {
  save(frame: SaveFrame, from: [pid: number, seq: number]): Promise<void>;
  load(frame: LoadFrame): Promise<string>;
  result(pid: number, frame: ResultFrame, tail: Uint8Array): void;
  chunk(pid: number, batch: number, tail: Uint8Array, computeUs: unknown): void;
  executed(frame: ExecutedFrame): void;
  changed(): void;
}

/** Says what is odd about a session in the runner's own log, which it can't fill. */
export type Complain = (details: object, message: string) => void;

/**
 * One process of the session on the socket. Its frames are handled in the order they came; what is simple goes to
 * the disk in groups, so one fsync acknowledges many reports.
 */
export class SdkConnection {
  pid: number | null = null;
  mode = "";
  /** Bytes at most of a frame that has not arrived whole. */
  heldBytes = 0;
  /** It was asked for a checkpoint and has not said that it has none to give. */
  maySave = false;
  readonly #reader = new FrameReader();
  readonly #frames: SequencedFrame[] = [];
  #outgoing: Uint8Array[] = [];
  #outgoingBytes = 0;
  #waitingBytes = 0;
  #paused = false;
  #pumping: Promise<void> | null = null;

  constructor(
    private readonly socket: Socket<SdkConnection>,
    private readonly spool: Spool,
    private readonly handlers: SdkHandlers,
    private readonly now: () => Date,
    private readonly complain: Complain,
  ) {}

  /** Bytes from the process. A stream that is not one of frames ends the connection. */
  receive(bytes: Uint8Array) {
    try {
      const frames = this.#reader.push(bytes);
      this.heldBytes = bytes.byteLength + (frames.length > 0 ? 0 : this.heldBytes);
      for (const frame of frames) this.#accept(frame);
    } catch (error) {
      this.complain({ err: error }, "the session sent something that is not a frame");
      this.socket.end();
    }
    this.#waitingBytes += bytes.byteLength;
    this.#pauseOrResume();
  }

  /** A session that sends faster than its frames can be stored, or does not read the answers, has to wait. */
  #pauseOrResume() {
    if (this.#frames.length < RESUME_AT) this.#waitingBytes = 0;
    const isBehind = this.#frames.length > PAUSE_AT || this.#waitingBytes > PAUSE_BYTES;
    if (!this.#paused && (isBehind || this.#outgoingBytes > PAUSE_BYTES)) {
      this.#paused = true;
      this.socket.pause();
    } else if (this.#paused && this.#frames.length < RESUME_AT && this.#outgoingBytes < PAUSE_BYTES / 2) {
      this.#paused = false;
      this.socket.resume();
    }
  }

  /** Everything that was received is handled. */
  async settled() {
    while (this.#pumping) await this.#pumping;
  }

  send(frame: RunnerFrame, tail: readonly Uint8Array[] = []) {
    const isIdle = this.#outgoing.length === 0;
    for (const piece of framePieces(frame, tail)) {
      this.#outgoing.push(piece);
      this.#outgoingBytes += piece.byteLength;
    }
    if (isIdle) this.flush();
  }

  /** Writes what fits; Bun calls again (`drain`) when there is room. */
  flush() {
    for (let next = this.#outgoing[0]; next; next = this.#outgoing[0]) {
      const written = this.socket.write(next);
      if (written < 0) return;
      this.#outgoingBytes -= written;
      if (written < next.byteLength) {
        this.#outgoing[0] = next.subarray(written);
        break;
      }
      this.#outgoing.shift();
    }
    this.#pauseOrResume();
  }

  #accept({ meta, tail }: Frame) {
    if (meta["type"] === "result" && isResult(meta, tail)) {
      if (this.pid !== null) this.handlers.result(this.pid, meta, tail);
      return;
    }
    if (meta["type"] === "chunk" && Number.isInteger(meta["batch"])) {
      if (this.pid !== null) this.handlers.chunk(this.pid, Number(meta["batch"]), tail, meta["compute_us"]);
      return;
    }
    const parsed = sdkFrameSchema.safeParse(meta);
    if (!parsed.success) return this.#refuse(meta, parsed.error.issues[0]);
    const frame = parsed.data;
    const excess = excessOf(frame);
    if (excess !== null && "seq" in frame) {
      this.send({ type: "nack", seq: frame.seq, message: excess });
    } else if (frame.type === "hello") {
      this.pid = frame.pid;
      this.mode = frame.mode;
      this.send({ type: "hello" });
      this.handlers.changed();
    } else if (frame.type === "nothing_to_save") {
      this.maySave = false;
      this.handlers.changed();
    } else if (frame.type === "executed") {
      this.handlers.executed(frame);
    } else if (frame.type !== "result" && frame.type !== "chunk") {
      this.#frames.push(frame);
      this.#pumping ??= this.#pump().finally(() => {
        this.#pumping = null;
      });
    }
  }

  #refuse(meta: Record<string, unknown>, issue: { path: PropertyKey[]; message: string } | undefined) {
    const what = `The field "${issue?.path.join(".") ?? ""}" of a "${String(meta["type"])}" is wrong: ${issue?.message}`;
    if (typeof meta["seq"] === "number") this.send({ type: "nack", seq: meta["seq"], message: what });
    else this.complain({ problem: what.slice(0, 300) }, "the session sent a malformed frame");
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
        this.complain({ err: error }, "what the session reported could not be stored");
        this.#frames.length = 0;
        this.socket.end();
        return;
      }
      this.#pauseOrResume();
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
