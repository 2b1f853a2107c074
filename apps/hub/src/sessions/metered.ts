import type { Metered } from "../credits/index.ts";
import type { Tx } from "../platform/database.ts";
import { type AttemptRow, devicesOf, type SessionRow } from "./store.ts";

/** What the credits domain needs to charge an attempt. */
export async function meteredOf(
  tx: Tx,
  attempt: Pick<AttemptRow, "id">,
  session: SessionRow,
): Promise<Metered> {
  const devices = (await devicesOf(tx, [attempt.id])).get(attempt.id) ?? [];
  return {
    attemptId: attempt.id,
    sessionId: session.id,
    teamId: session.teamId,
    name: session.name,
    prices: session.prices,
    resources: session.resources,
    models: devices.map((device) => device.model),
  };
}
