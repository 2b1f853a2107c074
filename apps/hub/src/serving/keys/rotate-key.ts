import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { newSecret, sha256 } from "../../platform/secrets.ts";
import { keysChanged } from "./keys-changed.ts";
import { type KeyOwner, lockKey, updateKey } from "./store.ts";

/**
 * Gives a key a new secret; everything else of it stays, its jobs too. The old one is valid until the overlap ends; one
 * that was still valid from a rotation before ends now. @throws DomainError `not_found`, `conflict` when it has expired
 */
export async function rotateKey(
  ctx: Context,
  tx: Tx,
  owner: KeyOwner,
  keyId: string,
  { overlap_seconds }: { overlap_seconds: number },
) {
  const row = await lockKey(tx, owner, keyId);
  if (!row) throw noSuchKey();
  const now = ctx.clock.now();
  if (row.expiresAt && row.expiresAt <= now)
    throw new DomainError("conflict", "This key has expired, so it can't be rotated. Make another one.");
  const key = newSecret("endpoint");
  const old = overlap_seconds > 0;
  await updateKey(tx, keyId, {
    sha256: sha256(key),
    oldSha256: old ? row.sha256 : null,
    oldUntil: old ? new Date(now.getTime() + overlap_seconds * 1000) : null,
  });
  await keysChanged(ctx, tx, owner);
  return { id: keyId as Id<"endpointKey">, key };
}

export const noSuchKey = () => new DomainError("not_found", "There is no such key here.");
