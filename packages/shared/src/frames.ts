/**
 * The one binary frame of Podium: between the SDK and the runner (Unix socket), and between the runner and
 * the gateway (WebSocket). Little-endian:
 *
 *   u32 length of what follows | u32 length of the JSON | JSON (UTF-8) | tail (raw bytes)
 *
 * The tail carries what should not pass through a JSON parser: request bodies, tensors.
 */
export interface Frame<T = Record<string, unknown>> {
  meta: T;
  tail: Uint8Array;
}

const MISMATCH = "The lengths in the frame's header do not match its size.";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Largest frame that is read, bytes. A longer one is a protocol error, not a reason to allocate. */
export const MAX_FRAME_BYTES = 256 * 1024 * 1024;

/**
 * Encodes one frame; `tail` may be several pieces, written one after the other without copying twice.
 * @param alignment of the tail's first byte; the JSON is filled up with spaces
 */
export function encodeFrame(meta: unknown, tail: readonly Uint8Array[] = [], alignment = 1): Uint8Array {
  let json = encoder.encode(JSON.stringify(meta));
  const lacking = -(8 + json.byteLength) % alignment;
  if (lacking !== 0) json = encoder.encode(JSON.stringify(meta) + " ".repeat(alignment + lacking));
  let tailLength = 0;
  for (const piece of tail) tailLength += piece.byteLength;
  const frame = new Uint8Array(8 + json.byteLength + tailLength);
  const view = new DataView(frame.buffer);
  view.setUint32(0, 4 + json.byteLength + tailLength, true);
  view.setUint32(4, json.byteLength, true);
  frame.set(json, 8);
  let offset = 8 + json.byteLength;
  for (const piece of tail) {
    frame.set(piece, offset);
    offset += piece.byteLength;
  }
  return frame;
}

/** Parts of a tail that are at least so long are sent as they are, bytes. */
const LARGE_BYTES = 32 * 1024;
/** Where the tail of a large frame begins: its numbers can be used where they arrived, bytes. */
const ALIGNMENT = 8;

/**
 * One frame as pieces that are to be sent one after the other. Large parts of the tail are among them as they are: copying
 * them would cost more than sending them.
 */
export function framePieces(meta: unknown, tail: readonly Uint8Array[]): Uint8Array[] {
  const firstLarge = tail.findIndex((part) => part.byteLength >= LARGE_BYTES);
  if (firstLarge < 0) return [encodeFrame(meta, tail)];
  const rest = tail.slice(firstLarge);
  const head = encodeFrame(meta, tail.slice(0, firstLarge), ALIGNMENT);
  const restLength = rest.reduce((sum, part) => sum + part.byteLength, 0);
  new DataView(head.buffer).setUint32(0, head.byteLength - 4 + restLength, true);
  return [head, ...rest];
}

/** Decodes one whole frame, as a WebSocket message carries it. Throws `FrameError` when it is malformed. */
export function decodeFrame<T>(bytes: Uint8Array): Frame<T> {
  const { length, jsonLength } = readHeader(bytes);
  if (length !== bytes.byteLength - 4) throw new FrameError(MISMATCH);
  return parse<T>(bytes, 8, jsonLength);
}

/** The lengths at the start of a frame whose JSON is there. Throws `FrameError`. */
export function readHeader(bytes: Uint8Array): { length: number; jsonLength: number } {
  if (bytes.byteLength < 8) throw new FrameError("A frame is at least 8 bytes long.");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const jsonLength = view.getUint32(4, true);
  const isWhole = jsonLength <= length - 4 && jsonLength <= bytes.byteLength - 8;
  if (!isWhole || bytes.byteLength - 4 > length) throw new FrameError(MISMATCH);
  return { length, jsonLength };
}

/** The JSON of a frame's first bytes and what follows it there. Throws `FrameError`. */
export function parse<T>(bytes: Uint8Array, start: number, jsonLength: number): Frame<T> {
  const json = decoder.decode(bytes.subarray(start, start + jsonLength));
  try {
    return { meta: JSON.parse(json) as T, tail: bytes.subarray(start + jsonLength) };
  } catch {
    throw new FrameError("The frame's header is not JSON.");
  }
}

export class FrameError extends Error {
  override readonly name = "FrameError";
}

const HEADER_BYTES = 8;

/** Cuts a byte stream into frames; keeps what is incomplete until more arrives. Takes time in proportion to the bytes. */
export class FrameReader<T = Record<string, unknown>> {
  #chunks: Uint8Array[] = [];
  #held = 0;
  /** bytes without which there is no use in looking again */
  #needed = HEADER_BYTES;

  /** Frames completed by these bytes. Throws `FrameError` when the stream can't be a frame stream. */
  push(chunk: Uint8Array): Frame<T>[] {
    // The caller may use its chunk again, so what is kept and what frames are cut from are copies.
    const copy = new Uint8Array(chunk); // of a Buffer, slice() would be a view
    this.#chunks.push(copy);
    this.#held += copy.byteLength;
    if (this.#held < this.#needed) return [];
    const bytes = this.#chunks.length === 1 ? copy : concat(this.#chunks, this.#held);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const frames: Frame<T>[] = [];
    let start = 0;
    this.#needed = HEADER_BYTES;
    while (bytes.byteLength - start >= HEADER_BYTES) {
      const length = view.getUint32(start, true);
      if (length < 4 || length > MAX_FRAME_BYTES)
        throw new FrameError(`A frame of ${length} bytes is not allowed.`);
      const end = start + 4 + length;
      if (end > bytes.byteLength) {
        this.#needed = 4 + length;
        break;
      }
      frames.push(decodeFrame<T>(bytes.subarray(start, end)));
      start = end;
    }
    this.#chunks = start < bytes.byteLength ? [bytes.subarray(start)] : [];
    this.#held = bytes.byteLength - start;
    return frames;
  }
}

function concat(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return joined;
}
