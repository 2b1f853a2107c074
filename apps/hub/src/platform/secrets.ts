import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** Bearer secrets: a readable prefix that says what it opens, then 256 random bits. Only hashes are stored. */
export const SECRET_PREFIX = { node: "pnt", join: "pjt", endpoint: "pdk", replica: "prt" } as const;

export function newSecret(kind: keyof typeof SECRET_PREFIX): string {
  return `${SECRET_PREFIX[kind]}_${randomBytes(32).toString("base64url")}`;
}

/** Hexadecimal SHA-256: how secrets are stored and compared, and how blobs are named. */
export function sha256(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

export function secretsEqual(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));
}

/** 32 hexadecimal digits that no other call has given or will give, for files that are written aside. */
export function randomName(): string {
  return randomBytes(16).toString("hex");
}

/** Uniform unsigned 32-bit integer, for identifiers. */
export function random32(): number {
  return randomBytes(4).readUInt32LE(0);
}
