import { type Id, KEY_SCOPES } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { type KeyOwner, listKeys } from "./store.ts";

/** Keys of an endpoint or a team, newest first; never their secrets. Calls are those of this day and month of UTC. */
export async function showKeys(
  ctx: Context,
  owner: KeyOwner,
  { team, endpoint }: { team: string; endpoint: string | null },
) {
  const now = ctx.clock.now();
  const rows = await listKeys(ctx.db, owner, now.toISOString().slice(0, 10));
  return rows.map(({ key, today, month }) => ({
    id: key.id as Id<"endpointKey">,
    name: key.name,
    endpoint,
    team,
    scopes: key.scopes ?? KEY_SCOPES,
    versions: key.versions,
    rate: key.rate,
    calls_per_day: key.callsPerDay,
    calls_per_month: key.callsPerMonth,
    calls_today: Number(today),
    calls_this_month: Number(month),
    expires_at: key.expiresAt?.toISOString() ?? null,
    old_secret_until: key.oldUntil && key.oldUntil > now ? key.oldUntil.toISOString() : null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    created_at: key.createdAt.toISOString(),
  }));
}
