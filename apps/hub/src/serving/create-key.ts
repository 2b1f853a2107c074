import type { Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { newSecret, sha256 } from "../platform/secrets.ts";
import { routesChanged } from "./routes-changed.ts";
import { insertKey } from "./store.ts";

/** Makes an API key of an endpoint; its text is in the answer and nowhere else: gateways know its hash. */
export async function createKey(
  ctx: Context,
  tx: Tx,
  endpointId: string,
  input: { name: string; expires_in_days?: number | undefined },
) {
  const id: Id<"endpointKey"> = ctx.ids.next("endpointKey");
  const key = newSecret("endpoint");
  const now = ctx.clock.now();
  const expiresAt =
    input.expires_in_days === undefined ? null : new Date(now.getTime() + input.expires_in_days * 86_400_000);
  await insertKey(tx, { id, endpointId, name: input.name, sha256: sha256(key), expiresAt, createdAt: now });
  await routesChanged(ctx, tx, endpointId);
  return { id, key };
}
