import { promisify } from "node:util";
import { constants, deflate, gzip } from "node:zlib";

const gzipBytes = promisify(gzip);
const deflateBytes = promisify(deflate);

/** Below so many bytes compression saves nothing that a network notices. */
const WORTH_IT_BYTES = 4_096;
/** Tensors shrink little more at higher levels, which take many times as long. */
const FAST = { level: constants.Z_BEST_SPEED };

export type Coding = "gzip" | "deflate";

/** The coding that a caller takes for an answer of this size; null: none, or it is not worth it. */
export function codingFor(accepted: string | null, bytes: number): Coding | null {
  if (accepted === null || bytes < WORTH_IT_BYTES) return null;
  for (const coding of ["gzip", "deflate"] as const) {
    const entry = new RegExp(`(?:^|[,\\s])${coding}\\s*(?:;\\s*q=([\\d.]+))?(?:$|[,\\s])`, "i").exec(
      accepted,
    );
    if (entry && Number(entry[1] ?? 1) > 0) return coding;
  }
  return null;
}

/** Compresses off the event loop. */
export function compress(coding: Coding, bytes: Uint8Array): Promise<Uint8Array> {
  return coding === "gzip" ? gzipBytes(bytes, FAST) : deflateBytes(bytes, FAST);
}
