import { createHash } from "node:crypto";

/** Bytes of a buffer. */
interface Part {
  readonly offset: number;
  readonly size: number;
}

export interface HashRequest {
  readonly id: number;
  readonly buffer: ArrayBuffer;
  readonly parts: readonly Part[];
}

export interface HashAnswer {
  readonly id: number;
  readonly buffer: ArrayBuffer;
  readonly digests: readonly string[];
}

/** Less than this is named sooner here than handed over, bytes: a millisecond of work. */
const LARGE_BYTES = 1024 ** 2;

const waiting = new Map<number, PromiseWithResolvers<HashAnswer>>();
let thread: Worker | null = null;
let last = 0;

/**
 * SHA-256 of parts of a buffer, large ones by a thread of their own: naming what is sent would take half of the time in
 * which the hub's one thread could answer others.
 * @param room all of a buffer, which is empty from now on
 * @returns the same bytes, and a digest for each part in hexadecimal digits
 */
export async function hashAside(
  room: Uint8Array<ArrayBuffer>,
  parts: readonly Part[],
): Promise<{ room: Uint8Array<ArrayBuffer>; digests: readonly string[] }> {
  const { buffer } = room;
  if (parts.reduce((sum, { size }) => sum + size, 0) < LARGE_BYTES) {
    const nameOf = ({ offset, size }: Part) =>
      createHash("sha256")
        .update(room.subarray(offset, offset + size))
        .digest("hex");
    return { room, digests: parts.map(nameOf) };
  }
  const asked = Promise.withResolvers<HashAnswer>();
  last += 1;
  waiting.set(last, asked);
  thread ??= startThread();
  const request: HashRequest = { id: last, buffer, parts };
  thread.postMessage(request, [buffer]);
  const answer = await asked.promise;
  return { room: new Uint8Array(answer.buffer), digests: answer.digests };
}

/** It ends with the process, which it does not keep alive. When it fails, so does what waits for it; the next starts another. */
function startThread(): Worker {
  const started = new Worker(new URL("./hash-thread.ts", import.meta.url), { smol: true, ref: false });
  started.onmessage = ({ data }: MessageEvent<HashAnswer>) => {
    waiting.get(data.id)?.resolve(data);
    waiting.delete(data.id);
  };
  started.onerror = ({ message }) => {
    if (thread === started) thread = null;
    started.terminate();
    for (const { reject } of waiting.values())
      reject(new Error(`The thread that names bytes failed: ${message}`));
    waiting.clear();
  };
  return started;
}
