import type { Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { visibleSession } from "../../sessions/index.ts";
import { alertsOfSession } from "./store.ts";

/** What is wrong with a session now, as its team was told. @throws DomainError `not_found` */
export async function readSessionAlerts(ctx: Context, id: string) {
  const { session } = await visibleSession(ctx, id);
  const rows = await alertsOfSession(ctx.db, session.id);
  return rows.map(({ id, kind, text, raisedAt, firstSeenAt }) => ({
    id: id as Id<"alert">,
    kind,
    text,
    raised_at: (raisedAt ?? firstSeenAt).toISOString(),
  }));
}
