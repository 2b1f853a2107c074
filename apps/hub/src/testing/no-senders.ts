import { createPost } from "@podium/webhooks";
import type { Senders } from "../notifications/index.ts";

/** Nobody has an address to be written to: nothing leaves this machine. */
export const noSenders: Senders = { mailer: null, post: createPost({ allowPrivate: false }) };
