import { notificationKindSchema } from "@podium/shared";
import { InvalidArgumentError } from "commander";
import type { NotificationKind } from "./types.ts";

/** A kind of notification as people write it. */
export function notificationKind(text: string): NotificationKind {
  const parsed = notificationKindSchema.safeParse(text);
  if (!parsed.success)
    throw new InvalidArgumentError(`Say one of ${notificationKindSchema.options.join(", ")}.`);
  return parsed.data;
}
