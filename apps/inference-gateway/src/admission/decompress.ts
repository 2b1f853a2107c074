import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { DomainError } from "@podium/shared";

const CODINGS = { gzip: promisify(gunzip), deflate: promisify(inflate) };

/**
 * A body that came with `Content-Encoding`, as it was; off the event loop, and never more than `maxBytes` of it.
 * Null when it is larger. Throws `invalid_request` for another coding, or bytes that are not of it.
 */
export async function decompress(
  bytes: Uint8Array,
  coding: string,
  maxBytes: number,
): Promise<Uint8Array | null> {
  const name = coding.trim().toLowerCase();
  if (name === "identity") return bytes;
  if (name !== "gzip" && name !== "deflate") {
    throw new DomainError(
      "invalid_request",
      `Content-Encoding '${coding.slice(0, 40)}' is not read here; send gzip, deflate, or none.`,
    );
  }
  try {
    return await CODINGS[name](bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return null;
    throw new DomainError("invalid_request", `the body is not ${name}, though Content-Encoding says so`);
  }
}
