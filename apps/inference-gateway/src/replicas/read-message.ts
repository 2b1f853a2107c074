import {
  decodeFrame,
  FrameError,
  type ReplicaMessage,
  type ResultItem,
  replicaMessageSchema,
} from "@podium/shared";

export interface ReceivedMessage {
  message: ReplicaMessage;
  tail: Uint8Array;
}

/**
 * One WebSocket message of a replica. Throws `FrameError` when it is none.
 * `pull` and `result` come with every batch and are checked by hand: the schema would cost more than the rest of the way.
 */
export function readMessage(bytes: Uint8Array): ReceivedMessage {
  const { meta, tail } = decodeFrame<Record<string, unknown> | null>(bytes);
  if (meta?.["type"] === "result") return { message: checkResult(meta, tail), tail };
  if (meta?.["type"] === "pull") return { message: checkPull(meta), tail };
  if (meta?.["type"] === "chunk") return { message: checkChunk(meta), tail };
  const parsed = replicaMessageSchema.safeParse(meta);
  if (!parsed.success) throw new FrameError(`Not a replica's message: ${parsed.error.issues[0]?.message}`);
  return { message: parsed.data, tail };
}

function checkPull(meta: Record<string, unknown>): ReplicaMessage {
  const { max_items } = meta;
  if (!isCount(max_items) || max_items === 0) throw new FrameError("A pull needs max_items of at least 1.");
  return { type: "pull", max_items };
}

function checkChunk(meta: Record<string, unknown>): ReplicaMessage {
  const { batch } = meta;
  if (!isCount(batch)) throw new FrameError("A chunk needs its batch.");
  return { type: "chunk", batch, ...timingsOf(meta) };
}

/** Durations that a replica says; what is none counts as not said. */
function timingsOf({ compute_us, held_us }: Record<string, unknown>) {
  return {
    ...(isCount(compute_us) ? { compute_us } : {}),
    ...(isCount(held_us) ? { held_us } : {}),
  };
}

/** Also checks that the items' lengths fill the tail: each answer is cut out by them. Who reads `outputs` checks them. */
function checkResult(meta: Record<string, unknown>, tail: Uint8Array): ReplicaMessage {
  const { batch, items } = meta;
  if (!isCount(batch) || !Array.isArray(items)) throw new FrameError("A result needs its batch and items.");
  let total = 0;
  for (const item of items as ({ status?: unknown; length?: unknown } | null)[]) {
    if (!isCount(item?.status) || !isCount(item.length))
      throw new FrameError("A result's item needs status and length.");
    total += item.length;
  }
  if (total !== tail.byteLength)
    throw new FrameError("The lengths of a result's items do not add up to its tail.");
  return { type: "result", batch, items: items as ResultItem[], ...timingsOf(meta) };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
