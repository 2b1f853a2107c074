import {
  type BatchFrame,
  type BatchItem,
  type CancelFrame,
  encodeFrame,
  FrameJoiner,
  type ModelSignature,
  REPLICA_CLOSE,
  type ResultItem,
  type TensorPart,
} from "@podium/shared";
import { PAIRS, REPLICA_TOKEN, testId } from "./test-table.ts";

export interface Answer {
  status: number;
  body: Uint8Array | string;
  /** what the body is, when it is tensors */
  outputs?: TensorPart[];
}
/** What the model answers to one item. */
export type Infer = (body: Uint8Array, item: BatchItem) => Answer;

export interface TestReplicaOptions {
  /** where the gateway listens: http://… */
  url: string;
  infer?: Infer;
  token?: string;
  binding?: number;
  attempt?: number;
  maxItems?: number;
  signature?: ModelSignature;
  /** false: asks for work only when `pull` is called */
  pullsAlways?: boolean;
  /** it takes a long frame in several messages */
  joins?: boolean;
  /** durations that it says of each batch */
  timings?: { compute_us?: number; held_us?: number };
  /** called with each batch; resolves when the replica may answer it */
  onBatch?: (frame: BatchFrame) => Promise<void> | undefined;
}

export interface TestReplica {
  /** WebSocket messages that came */
  messages: number;
  batches: BatchFrame[];
  drained: boolean;
  /** numbers of the batches that nobody waits for any more */
  cancelled: number[];
  /** items of batches likewise */
  cancelledItems: { batch: number; items: number[] }[];
  /** resolves with the close code when the connection ends */
  closed: Promise<number>;
  pull(): void;
  send(bytes: Uint8Array): void;
  /** Ends the connection as a runner does that lets its replica go. */
  leave(): void;
  /** Ends the connection as a runner does whose model's process is gone. */
  die(): void;
  /** Ends the connection as a killed runner does. */
  kill(): void;
}

/** The body as it came. */
const echo: Infer = (body) => ({ status: 200, body });

/** A runner's side of the replica conversation. Resolves when the gateway has taken the connection. */
export async function startTestReplica(options: TestReplicaOptions): Promise<TestReplica> {
  const { url, infer = echo, token = REPLICA_TOKEN, binding = 1, attempt = 1, maxItems = 64 } = options;
  const { signature = PAIRS, pullsAlways = true, timings = {}, joins, onBatch } = options;
  const socket = new WebSocket(`${url.replace("http", "ws")}/replicas`, {
    headers: { authorization: `Bearer ${token}` },
  } as unknown as string[]);
  socket.binaryType = "arraybuffer";
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<number>();
  const replica: TestReplica = {
    messages: 0,
    batches: [],
    drained: false,
    cancelled: [],
    cancelledItems: [],
    closed: closed.promise,
    pull: () => replica.send(encodeFrame({ type: "pull", max_items: maxItems })),
    send: (bytes) => socket.send(bytes),
    leave: () => socket.close(REPLICA_CLOSE.leaves),
    die: () => socket.close(REPLICA_CLOSE.modelDied),
    kill: () => {
      (socket as unknown as { terminate(): void }).terminate();
      closed.resolve(1006);
    },
  };
  socket.onopen = () => {
    const ids = { binding_id: testId("bnd", binding), attempt_id: testId("att", attempt) };
    replica.send(encodeFrame({ type: "hello", ...ids, epoch: 1, signature, ...(joins ? { joins } : {}) }));
    if (pullsAlways) replica.pull();
    opened.resolve();
  };
  socket.onclose = (event) => {
    closed.resolve(event.code);
    opened.reject(new Error(`closed: ${event.code} ${event.reason}`));
  };
  socket.onerror = () => {};
  const joiner = new FrameJoiner<BatchFrame | { type: "drain" } | CancelFrame>();
  socket.onmessage = async (event: MessageEvent<ArrayBuffer>) => {
    replica.messages += 1;
    const frame = joiner.push(new Uint8Array(event.data));
    if (!frame) return;
    const { meta } = frame;
    if (meta.type === "cancel") {
      const { batch, items } = meta;
      if (items) replica.cancelledItems.push({ batch, items });
      else replica.cancelled.push(batch);
      return;
    }
    if (meta.type === "drain") {
      replica.drained = true;
      return;
    }
    replica.batches.push(meta);
    await onBatch?.(meta);
    if (socket.readyState !== WebSocket.OPEN) return;
    if (pullsAlways) replica.pull();
    replica.send(resultOf(meta, Buffer.concat(frame.tail), infer, timings));
  };
  await opened.promise;
  return replica;
}

/** The `result` frame for a batch. */
function resultOf(frame: BatchFrame, tail: Uint8Array, infer: Infer, timings: object): Uint8Array {
  const items: ResultItem[] = [];
  const bodies: Uint8Array[] = [];
  let offset = 0;
  for (const item of frame.items) {
    const { status, body, outputs } = infer(tail.subarray(offset, offset + item.length), item);
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    items.push({ status, length: bytes.byteLength, ...(outputs ? { outputs } : {}) });
    bodies.push(bytes);
    offset += item.length;
  }
  return encodeFrame({ type: "result", batch: frame.batch, items, ...timings }, bodies);
}
