import { NOTIFICATIONS, type NotificationKind } from "@podium/shared";
import { type Context, isAdmin, requireUser } from "../../platform/context.ts";
import { preferencesOf, upsertPreference } from "./store.ts";

/** What the user gets by mail, kind by kind. What concerns nodes is shown to administrators alone. */
export async function readPreferences(ctx: Context) {
  const { userId } = requireUser(ctx);
  const chosen = new Map((await preferencesOf(ctx.db, userId)).map((row) => [row.kind, row.enabled]));
  const kinds = Object.keys(NOTIFICATIONS) as NotificationKind[];
  return kinds
    .filter((kind) => isAdmin(ctx) || !kind.startsWith("node."))
    .map((kind) => ({
      kind,
      title: NOTIFICATIONS[kind].title,
      mail: chosen.get(kind) ?? NOTIFICATIONS[kind].mail,
    }));
}

/** Turns mail of one kind on or off, for the user who asks. */
export async function setPreference(
  ctx: Context,
  input: { kind: NotificationKind; mail: boolean },
): Promise<void> {
  const { userId } = requireUser(ctx);
  await upsertPreference(ctx.db, { userId, kind: input.kind, enabled: input.mail });
}
