import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { keysChanged } from "./keys-changed.ts";
import { noSuchKey } from "./rotate-key.ts";
import { deleteKey, type KeyOwner } from "./store.ts";

/** Takes a key away, with both secrets if it was just rotated. @throws DomainError `not_found` */
export async function revokeKey(ctx: Context, tx: Tx, owner: KeyOwner, keyId: string): Promise<void> {
  if (!(await deleteKey(tx, owner, keyId))) throw noSuchKey();
  await keysChanged(ctx, tx, owner);
}
