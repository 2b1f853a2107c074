import { FrameError, MAX_FRAME_BYTES, parse, readHeader } from "./frames.ts";

/** A frame whose tail lies in pieces, as they arrived. */
export interface JoinedFrame<T> {
  meta: T;
  tail: Uint8Array[];
}

/**
 * Frames from WebSocket messages, of which a long frame takes several: the first with all of its JSON, the others with
 * nothing but the next bytes of its tail. Nothing is copied.
 */
export class FrameJoiner<T = Record<string, unknown>> {
  #begun: JoinedFrame<T> | null = null;
  #missing = 0;

  /** The frame that this message completes, or null. The message's bytes must stay as they are. Throws `FrameError`. */
  push(message: Uint8Array): JoinedFrame<T> | null {
    if (this.#begun) this.#goOn(this.#begun, message);
    else this.#begun = this.#begin(message);
    if (this.#missing > 0) return null;
    const whole = this.#begun;
    this.#begun = null;
    return whole;
  }

  #begin(message: Uint8Array): JoinedFrame<T> {
    const { length, jsonLength } = readHeader(message);
    if (length > MAX_FRAME_BYTES) throw new FrameError(`A frame of ${length} bytes is not allowed.`);
    const { meta, tail } = parse<T>(message, 8, jsonLength);
    this.#missing = length + 4 - message.byteLength;
    return { meta, tail: tail.byteLength > 0 ? [tail] : [] };
  }

  #goOn({ tail }: JoinedFrame<T>, message: Uint8Array) {
    this.#missing -= message.byteLength;
    if (this.#missing < 0) throw new FrameError("A message is longer than what its frame still lacks.");
    tail.push(message);
  }
}
