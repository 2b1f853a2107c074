import type { Binding } from "../batching/binding.ts";
import type { Call, Work } from "../batching/call.ts";
import type { WriteError } from "./errors.ts";

/** What a caller asked, in the words of a protocol; more than the work when the answer needs it. */
export interface Asked {
  work: Work;
}

/** A 200 answer of JSON and raw bytes behind it: the Open Inference Protocol's binary extension. */
export class BinaryBody {
  constructor(
    readonly json: Uint8Array,
    readonly tail: readonly Uint8Array[],
  ) {}

  get byteLength(): number {
    return this.tail.reduce((sum, piece) => sum + piece.byteLength, this.json.byteLength);
  }
}

/** How one protocol reads a request's body and writes the model's answer. All of it is synchronous. */
export interface Protocol<T extends Asked> {
  /** Throws a `DomainError` when the body is not what the protocol or the model takes. */
  read(body: Uint8Array, binding: Binding, headers: Headers): T;
  /** The body of the 200 answer of the endpoint `model`. Throws a `DomainError` when the model's answer is not what it should be. */
  write(call: Call, asked: T, model: string): Uint8Array | BinaryBody;
  writeError: WriteError;
  /** answers are compressed when the caller takes that */
  compresses?: true;
}
