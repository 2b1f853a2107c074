import type { NotificationKind } from "@podium/shared";

/** What is told to whom. */
export interface Note {
  kind: NotificationKind;
  subject: string;
  /** null: the administrators */
  teamId: string | null;
  text: string;
}
