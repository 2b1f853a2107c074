import { NOTIFICATIONS, type NotificationKind } from "@podium/shared";
import type { Message } from "./mailer.ts";

interface Note {
  id: string;
  kind: NotificationKind;
  text: string;
}

/** The message that tells a user of a notification: plain text, with the way to have no more of its kind. */
export function composeMail(
  { id, kind, text }: Note,
  user: { id: string; name: string; email: string },
  publicUrl: string,
): Message {
  const settings = `${publicUrl}/notifications`;
  const { hostname } = new URL(publicUrl);
  return {
    to: user.email,
    subject: `Podium: ${NOTIFICATIONS[kind].title}`,
    text: [
      `Hello ${user.name},`,
      "",
      text,
      "",
      `All that Podium has told you: ${settings}`,
      `To get no more mail of this kind turn it off there, or: podium notifications mail ${kind} off`,
      "",
    ].join("\n"),
    messageId: `<${id}.${user.id}@${hostname}>`,
    unsubscribeUrl: settings,
  };
}
