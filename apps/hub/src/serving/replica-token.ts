import { createHmac } from "node:crypto";
import { SECRET_PREFIX } from "../platform/secrets.ts";

/** Token by which a replica of this attempt is known to gateways. Derived, so that nothing secret is stored. */
export function replicaToken(secret: string, attemptId: string): string {
  return `${SECRET_PREFIX.replica}_${createHmac("sha256", secret).update(`replica:${attemptId}`).digest("base64url")}`;
}
