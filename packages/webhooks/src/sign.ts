import { createHmac } from "node:crypto";

/**
 * A webhook's secret, in the form of the Standard Webhooks specification. Derived from one's own, so that nothing
 * secret is stored: whoever reads what is stored can't sign.
 */
export function webhookSecret(ownSecret: string, webhookId: string): string {
  return `whsec_${createHmac("sha256", ownSecret).update(`webhook:${webhookId}`).digest("base64")}`;
}

/** Headers that prove where a message comes from, when it was sent, and that it is whole (Standard Webhooks 1.0). */
export function signedHeaders(
  secret: string,
  message: { id: string; at: Date; body: string },
): Record<string, string> {
  const timestamp = Math.floor(message.at.getTime() / 1000);
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signature = createHmac("sha256", key)
    .update(`${message.id}.${timestamp}.${message.body}`)
    .digest("base64");
  return {
    "webhook-id": message.id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": `v1,${signature}`,
  };
}
