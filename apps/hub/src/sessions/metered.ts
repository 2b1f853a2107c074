import type { Metered } from "../credits/index.ts";
import type { Tx } from "../platform/database.ts";
import { type AttemptRow, devicesOf, type SessionRow } from "./store.ts";

/** What the credits domain needs to charge an attempt. */
export async function meteredOf(
  tx: Tx,
  attempt: Pick<AttemptRow, "id">,
  session: SessionRow,
): Promise<Metered> {
  return {
    attemptId: attempt.id,
    sessionId: session.id,
    teamId: session.teamId,
    name: session.name,
    prices: session.prices,
    resources: session.resources,
    models: (await devicesOf(tx, attempt.id)).map((device) => device.model),
  };
}
