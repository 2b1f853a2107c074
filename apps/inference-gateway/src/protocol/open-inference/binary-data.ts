import { invalid } from "./request-json.ts";

/** The raw bytes behind a request's JSON. Inputs take theirs in order; nothing is copied. */
export class BinaryData {
  #taken = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** The next `size` bytes, of the tensor that `where` names. Throws `invalid_request` when there are fewer. */
  take(size: number, where: string): Uint8Array {
    const left = this.bytes.byteLength - this.#taken;
    if (size > left) {
      throw invalid(
        `${where}: binary_data_size is ${size}, but only ${left} bytes of the body are left for it`,
      );
    }
    this.#taken += size;
    return this.bytes.subarray(this.#taken - size, this.#taken);
  }

  /** Throws `invalid_request` when bytes are left that belong to no input. */
  expectEnd() {
    const total = this.bytes.byteLength;
    if (this.#taken === total) return;
    throw invalid(
      `the inputs' binary_data_size add up to ${this.#taken} bytes, but ${total} bytes follow the JSON`,
    );
  }
}

/**
 * A body cut where its JSON ends.
 * @param headerLength `Inference-Header-Content-Length`; null: all of it is JSON
 * Throws `invalid_request` when the header is not a length, or the body is shorter.
 */
export function splitBody(body: Uint8Array, headerLength: string | null) {
  if (headerLength === null) return { json: body, binary: null };
  const length = /^\d{1,15}$/.test(headerLength) ? Number(headerLength) : Number.NaN;
  if (Number.isNaN(length)) throw invalid("Inference-Header-Content-Length must be a number of bytes");
  if (length > body.byteLength) {
    throw invalid(`Inference-Header-Content-Length is ${length}, but the body has ${body.byteLength} bytes`);
  }
  return { json: body.subarray(0, length), binary: new BinaryData(body.subarray(length)) };
}
