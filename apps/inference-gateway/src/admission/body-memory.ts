import { DomainError } from "@podium/shared";

/**
 * The bytes of all bodies that this gateway holds: on their way in, waiting, or before a model. Bounded in sum over all
 * endpoints, because the limits of each (calls that wait, bytes of a body) would together allow more than any machine has.
 */
export class BodyMemory {
  #heldBytes = 0;

  constructor(private readonly maxBytes: number) {}

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * Makes room for a request's body before it is read; the caller gives back what this returns. A body that does not say
   * its length, or will be unpacked, counts as the largest. Throws `overloaded`.
   */
  hold(request: Request, maxBodyBytes: number): number {
    const { headers } = request;
    const declared = headers.get("content-length");
    const isKnown = declared !== null && !headers.has("content-encoding");
    const bytes = Math.min(maxBodyBytes, isKnown ? Number(declared) || 0 : maxBodyBytes);
    // A single body always fits: otherwise an endpoint that takes large ones could never be called.
    if (this.#heldBytes > 0 && this.#heldBytes + bytes > this.maxBytes) throw full();
    this.#heldBytes += bytes;
    return bytes;
  }

  /** What a body counts for when its length is known. */
  correct(held: number, bytes: number): number {
    this.#heldBytes += bytes - held;
    return bytes;
  }

  release(held: number) {
    this.#heldBytes -= held;
  }
}

const full = () =>
  new DomainError(
    "overloaded",
    "This gateway holds as many bytes of requests as it may. Try again shortly, or send smaller ones.",
    { retry_after_seconds: 1 },
  );
