import { createTransport } from "nodemailer";

export interface Message {
  to: string;
  subject: string;
  text: string;
  /** the same for every try, so that a mailbox can tell a repetition */
  messageId: string;
  unsubscribeUrl: string;
}

/** Hands a message to the mail server. Resolves once that has taken it; throws `MailRefused` or what went wrong. */
export interface Mailer {
  send(message: Message): Promise<void>;
}

/** The server refuses this message for good: trying again is no use. */
export class MailRefused extends Error {}

export interface MailSettings {
  /** `smtp://` or `smtps://`, with name and password where needed */
  url: string;
  from: string;
  timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

/** Sends by SMTP, one connection a message: notifications are few. */
export function createMailer({ url, from, timeoutMs = TIMEOUT_MS }: MailSettings): Mailer {
  const transport = createTransport({
    url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // What is sent is text that we made: nothing is ever read from a file or fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, subject, text, messageId, unsubscribeUrl }) {
      try {
        await transport.sendMail({
          from,
          // As an object, an address is never read as a list of them.
          to: { name: "", address: oneLine(to) },
          subject: oneLine(subject),
          text,
          messageId,
          headers: { "List-Unsubscribe": `<${unsubscribeUrl}>`, "Auto-Submitted": "auto-generated" },
        });
      } catch (error) {
        if (isFinal(error)) throw new MailRefused((error as Error).message, { cause: error });
        throw error;
      }
    },
  };
}

/** RFC 5321: answers from 500 on are final. Those about us (not logged in) are not the message's fault. */
function isFinal(error: unknown): boolean {
  const { responseCode = 0, code } = error as { responseCode?: number; code?: string };
  return responseCode >= 500 && code !== "EAUTH" && code !== "ECONNECTION" && responseCode !== 530;
}

/** Text for a header: no line breaks or other control characters, and not too long. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").slice(0, 200);
}
