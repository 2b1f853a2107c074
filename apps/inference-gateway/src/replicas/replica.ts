import {
  type BatchItem,
  type CancelFrame,
  encodeFrame,
  FrameError,
  framePieces,
  REPLICA_CLOSE,
  type ReplicaMessage,
} from "@podium/shared";
import type { ServerWebSocket } from "bun";
import { type Binding, callerGone, type Puller, tooLate } from "../batching/binding.ts";
import type { Call } from "../batching/call.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { CallTrace } from "../observing/call-trace.ts";
import { Outgoing } from "./outgoing.ts";
import { Pace, type PacedBatch } from "./pace.ts";
import { readMessage } from "./read-message.ts";

type Result = Extract<ReplicaMessage, { type: "result" }>;
type Chunk = Extract<ReplicaMessage, { type: "chunk" }>;
type Hello = Extract<ReplicaMessage, { type: "hello" }>;

interface Batch extends PacedBatch {
  calls: Call[];
}

/** WebSocket close codes: a message that breaks the protocol, and one that is not allowed to this replica. */
const PROTOCOL_ERROR = 1002;
const NOT_ALLOWED = 1008;
const GOING_AWAY = 1001;
/** A replica that says nothing after it has connected is not one. */
const HELLO_WITHIN_MS = 10_000;
/** A replica needs as many as it computes at once; a broken one must not fill the memory of all. */
const MAX_OPEN_PULLS = 64;
/** Streamed answers under way at one replica; its model takes turns between them. Further ones wait for a turn or another replica. */
const MAX_STREAMS = 32;
/** A machine that goes away takes all of its replicas along: their connections end within this time. */
const SIBLINGS_END_WITHIN_MS = 50;

/**
 * One connected replica of a binding. It joins the binding with `hello`, takes batches by `pull`, answers by `result`.
 * When its connection ends, everything it holds goes back to the binding.
 */
export class Replica implements Puller {
  attemptId: string | null = null;
  readonly pace = new Pace();
  #socket: ServerWebSocket<Replica> | null = null;
  #outgoing: Outgoing | null = null;
  /** it takes a long frame in several messages */
  #joins = false;
  #batches = new Map<number, Batch>();
  #lastBatch = 0;
  #openPulls = 0;
  #streams = 0;
  #connectedAt = 0;
  #draining = false;
  #closed = false;

  constructor(
    readonly binding: Binding,
    readonly tokenSha256: string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  get takesWork(): boolean {
    return !this.#closed && !this.#draining;
  }

  /** Calls that it has and that somebody waits for. */
  get inFlight(): number {
    let count = 0;
    for (const { calls } of this.#batches.values()) count += calls.length;
    return count;
  }

  get takesStreams(): boolean {
    return this.#streams < MAX_STREAMS;
  }

  opened(socket: ServerWebSocket<Replica>) {
    this.#socket = socket;
    this.#outgoing = new Outgoing(socket);
    this.#connectedAt = this.clock.elapsedMs();
    socket.binaryType = "uint8array";
  }

  /** Takes one message; a wrong one ends the connection, and with it this replica. */
  received(bytes: Uint8Array | string) {
    try {
      if (typeof bytes === "string") throw new FrameError("Messages are binary frames.");
      const { message, tail } = readMessage(bytes);
      if (message.type === "hello") this.#hello(message);
      else if (this.attemptId === null) throw new FrameError("The first message is hello.");
      else if (message.type === "result") this.#result(message, tail);
      else if (message.type === "chunk") this.#chunk(message, tail);
      else this.#pull(message.max_items);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.log.warn(
        { binding: this.binding.id, attempt: this.attemptId, reason: error.message },
        "A replica broke the protocol.",
      );
      this.#close(PROTOCOL_ERROR, error.message);
    }
  }

  send(calls: Call[]) {
    this.#lastBatch += 1;
    this.#openPulls -= 1;
    const sentAt = this.clock.elapsedMs();
    const items: BatchItem[] = [];
    const tail: Uint8Array[] = [];
    let rows = 0;
    let leftMs = Infinity;
    for (const { work, stream, deadline, trace } of calls) {
      items.push(trace ? { ...work.item, traceparent: trace.traceparent } : work.item);
      tail.push(work.body);
      rows += work.rows;
      leftMs = Math.min(leftMs, deadline - sentAt);
      if (!stream) continue;
      this.#streams += 1;
      const number = this.#lastBatch;
      stream.onLeave = () => this.#cancel(number);
    }
    const batch = { calls, sentAt, rows, leftMs };
    this.#batches.set(this.#lastBatch, batch);
    this.pace.sent(batch);
    const times = calls[0]?.stream ? {} : this.pace.timesOf(batch, calls);
    this.#send({ type: "batch", batch: this.#lastBatch, items, ...times }, tail);
  }

  /** There is room in the connection again. */
  drained() {
    if (this.#outgoing?.flush() === false) this.#close(NOT_ALLOWED, "too far behind");
  }

  /** Takes no more work; the connection closes when the last batch is answered. */
  drain() {
    if (this.#draining || this.#closed) return;
    this.#draining = true;
    this.binding.leave(this);
    this.#send({ type: "drain" });
    this.#closeWhenDrained();
  }

  /** The gateway stops: the connection ends now. */
  dismiss() {
    this.#close(GOING_AWAY, "the gateway stops");
  }

  /** Ends the calls it holds whose time is up or whose caller has gone, and itself when it never said hello. */
  sweep(now: number) {
    for (const [batch, { calls }] of this.#batches) {
      const left = endLeft(calls, now);
      if (left.length > 0 && !calls[0]?.stream) this.#cancel(batch, left);
    }
    if (this.attemptId === null && now - this.#connectedAt > HELLO_WITHIN_MS)
      this.#close(NOT_ALLOWED, "no hello");
  }

  /**
   * The connection has ended, whoever ended it. Repeating it changes nothing.
   * @param code that its runner closed it with, see `REPLICA_CLOSE`; what a replica held that took its leave was not its end
   */
  closed(code?: number) {
    if (this.#closed) return;
    this.#closed = true;
    this.binding.leave(this);
    const died = code === REPLICA_CLOSE.modelDied;
    const broke = !died && code !== REPLICA_CLOSE.leaves;
    for (const call of died || broke ? this.#suspects() : []) call[died ? "deaths" : "breaks"] += 1;
    const calls = [...this.#batches.values()].flatMap((batch) => batch.calls);
    this.#batches.clear();
    this.#outgoing = null;
    // One machine's end must not count once for each of its replicas: their calls go on when all are known to be gone.
    if (broke && calls.length > 0) setTimeout(() => this.binding.giveBack(calls), SIBLINGS_END_WITHIN_MS);
    else this.binding.giveBack(calls);
    this.log.info(
      { binding: this.binding.id, attempt: this.attemptId, returned: calls.length },
      "A replica has left.",
    );
  }

  /** What it may have died of: the oldest batch, for it computes one after the other, and the streams, which take turns. */
  *#suspects(): Generator<Call> {
    let isComputing = true;
    for (const { calls } of this.#batches.values()) {
      const isStream = calls[0]?.stream !== null;
      if (isStream || isComputing) yield* calls;
      isComputing &&= isStream;
    }
  }

  #hello(hello: Hello) {
    if (hello.binding_id !== this.binding.id) {
      this.#close(NOT_ALLOWED, "this token belongs to another binding");
      return;
    }
    if (this.attemptId !== null) throw new FrameError("hello comes once.");
    // A runner that dials again has lost its old connection, even where that is not known here yet.
    for (const other of this.binding.replicas) {
      if (other instanceof Replica && other.attemptId === hello.attempt_id)
        other.#close(REPLICA_CLOSE.leaves, "replaced");
    }
    this.attemptId = hello.attempt_id;
    this.#joins = hello.joins ?? false;
    this.binding.signature = hello.signature;
    const [sibling] = this.binding.replicas;
    if (sibling) this.pace.startFrom(sibling.pace);
    if (!this.#draining) this.binding.replicas.add(this);
    this.log.info(
      { binding: this.binding.id, attempt: hello.attempt_id, epoch: hello.epoch },
      "A replica has joined.",
    );
  }

  #pull(maxItems: number) {
    this.#openPulls += 1;
    if (this.#openPulls > MAX_OPEN_PULLS) throw new FrameError(`More than ${MAX_OPEN_PULLS} pulls are open.`);
    if (this.takesWork) this.binding.pull(this, maxItems);
  }

  /** Hands each answer to its own caller, by place. */
  #result(result: Result, tail: Uint8Array) {
    const batch = this.#batches.get(result.batch);
    if (!batch) throw new FrameError(`Batch ${result.batch} is not out.`);
    const { calls } = batch;
    if (result.items.length !== calls.length) {
      throw new FrameError(
        `Batch ${result.batch} has ${calls.length} items, its result ${result.items.length}.`,
      );
    }
    const now = this.clock.elapsedMs();
    this.#batches.delete(result.batch);
    let offset = 0;
    let traced = false;
    for (const [index, { status, length, outputs }] of result.items.entries()) {
      const call = calls[index];
      if (call && !call.settled) {
        if (!call.stream) call.timed(now, result.compute_us, result.held_us);
        call.reply(status, tail.subarray(offset, offset + length), outputs);
        traced ||= call.trace !== null;
      }
      offset += length;
    }
    this.pace.ended(batch, now);
    if (traced) this.#trace(batch, now);
    if (calls[0]?.stream) this.#streamEnded();
    if (this.#draining) this.#closeWhenDrained();
  }

  /** Nobody waits for these items any more: a stream need not go on, what has not begun need not begin. */
  #cancel(batch: number, items?: number[]) {
    const frame: CancelFrame = items ? { type: "cancel", batch, items } : { type: "cancel", batch };
    if (this.#batches.has(batch)) this.#send(frame);
  }

  #send(frame: object, tail: readonly Uint8Array[] = []) {
    if (!this.#outgoing) return;
    const pieces = this.#joins ? framePieces(frame, tail) : [encodeFrame(frame, tail)];
    const [first] = pieces;
    const sent =
      first && pieces.length === 1 ? this.#outgoing.send(first) : this.#outgoing.sendPieces(pieces);
    if (!sent) this.#close(NOT_ALLOWED, "too far behind");
  }

  #streamEnded() {
    this.#streams -= 1;
    this.binding.streamEnded();
  }

  #chunk({ batch, compute_us, held_us }: Chunk, json: Uint8Array) {
    const call = this.#batches.get(batch)?.calls[0];
    if (!call?.stream) throw new FrameError(`Batch ${batch} is not out, or not streamed.`);
    const now = this.clock.elapsedMs();
    if (call.stream.pieces === 0 && !call.settled) call.timed(now, compute_us, held_us);
    call.takePiece(json, now);
  }

  #trace({ calls, sentAt }: Batch, answeredAt: number) {
    const { model } = this.binding;
    CallTrace.record({ calls, attemptId: this.attemptId, model, sentAt, answeredAt });
  }

  #closeWhenDrained() {
    if (this.#batches.size === 0) this.#close(REPLICA_CLOSE.leaves, "drained");
  }

  #close(code: number, reason: string) {
    this.#socket?.close(code, reason);
    this.closed();
  }
}

/** Ends what nobody waits for any more. Returns the places of those that ended just now. */
function endLeft(calls: readonly Call[], now: number): number[] {
  const left: number[] = [];
  for (const [index, call] of calls.entries()) {
    if (call.settled) continue;
    if (call.deadline <= now) call.leave(tooLate(call));
    else if (call.caller.signal.aborted) call.leave(callerGone());
    if (call.settled) left.push(index);
  }
  return left;
}
