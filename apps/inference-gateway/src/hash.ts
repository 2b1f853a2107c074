import { createHash } from "node:crypto";

/** Hexadecimal SHA-256: how keys and tokens are compared. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
