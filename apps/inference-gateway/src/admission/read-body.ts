import { DomainError } from "@podium/shared";
import { decompress } from "./decompress.ts";

const NO_BYTES = new Uint8Array(0);

/**
 * The request's body, decompressed, at most `maxBytes` of it. A declared length is judged before anything is read,
 * a chunked body while it arrives. Throws `payload_too_large`, or `invalid_request` when it can't be decompressed;
 * rejects when the caller breaks off.
 */
export function readBody(request: Request, maxBytes: number): Promise<Uint8Array> | Uint8Array {
  const coding = request.headers.get("content-encoding");
  const body = readSent(request, maxBytes);
  return coding === null ? body : decompressed(body, coding, maxBytes);
}

async function decompressed(body: Promise<Uint8Array> | Uint8Array, coding: string, maxBytes: number) {
  const bytes = await decompress(await body, coding, maxBytes);
  if (bytes === null) throw tooLarge(maxBytes);
  return bytes;
}

/** The body as it was sent, perhaps compressed, at most `maxBytes` of it. Throws and rejects as `readBody`. */
export function readSent(request: Request, maxBytes: number): Promise<Uint8Array> | Uint8Array {
  const declared = request.headers.get("content-length");
  if (declared !== null) {
    if (Number(declared) > maxBytes) throw tooLarge(maxBytes);
    return request.bytes();
  }
  return request.body ? readStream(request.body, maxBytes) : NO_BYTES;
}

async function readStream(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > maxBytes) {
      void reader.cancel().catch(() => {});
      throw tooLarge(maxBytes);
    }
    pieces.push(value);
  }
  return Buffer.concat(pieces, length);
}

function tooLarge(maxBytes: number): DomainError {
  return new DomainError(
    "payload_too_large",
    `The body is larger than the ${maxBytes} bytes that this endpoint takes.`,
    {
      max_body_bytes: maxBytes,
    },
  );
}
