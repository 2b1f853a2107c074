import { type createEndpointKeySchema, type Id, KEY_SCOPES } from "@podium/shared";
import type { z } from "zod";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { newSecret, sha256 } from "../../platform/secrets.ts";
import { keysChanged } from "./keys-changed.ts";
import { insertKey, type KeyOwner } from "./store.ts";

/** Makes an API key; its text is in the answer and nowhere else: gateways know its hash. */
export async function createKey(
  ctx: Context,
  tx: Tx,
  owner: KeyOwner,
  input: z.input<typeof createEndpointKeySchema>,
) {
  const id: Id<"endpointKey"> = ctx.ids.next("endpointKey");
  const key = newSecret("endpoint");
  const now = ctx.clock.now();
  const days = input.expires_in_days;
  await insertKey(tx, {
    id,
    ...owner,
    name: input.name,
    sha256: sha256(key),
    scopes: KEY_SCOPES.filter((scope) => (input.scopes ?? KEY_SCOPES).includes(scope)),
    versions: input.versions ?? null,
    rate: input.rate ?? null,
    callsPerDay: input.calls_per_day ?? null,
    callsPerMonth: input.calls_per_month ?? null,
    expiresAt: days === undefined ? null : new Date(now.getTime() + days * 86_400_000),
    createdAt: now,
  });
  await keysChanged(ctx, tx, owner);
  return { id, key };
}
