import type { Id } from "@podium/shared";
import type { Clock } from "../platform/clock.ts";
import type { PlatformRole } from "../platform/context.ts";
import type { Db } from "../platform/database.ts";
import { bearerOf } from "../platform/http.ts";
import { sha256 } from "../platform/secrets.ts";
import type { Auth } from "./auth.ts";
import { findUser } from "./store.ts";

export interface Identity {
  userId: Id<"user">;
  role: PlatformRole;
}

/** How long a verified token is believed without asking again: a revoked one works this long at most. */
const BELIEVED_MS = 5_000;
const MAX_REMEMBERED = 10_000;

/**
 * Finds out who sent a request: an API token (`pdm_…`) or a browser session's cookie. Null: nobody we know; a bearer
 * token that is wrong is not made up for by a cookie.
 */
export function createIdentifier(db: Db, auth: Auth, clock: Clock) {
  const remembered = new Map<string, { identity: Identity; until: number }>();

  async function byToken(token: string): Promise<Identity | null> {
    const now = clock.now().getTime();
    const key = sha256(token);
    const known = remembered.get(key);
    if (known && known.until > now) return known.identity;
    remembered.delete(key);

    const { valid, key: row } = await verify(token);
    const user = valid && row ? await findUser(db, { id: row.referenceId }) : null;
    if (!user) return null;
    const identity = { userId: user.id as Id<"user">, role: user.role };
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, { identity, until: now + BELIEVED_MS });
    return identity;
  }

  /** better-auth calls a token invalid also when it could not look it up: then the database is at fault, and says so. */
  async function verify(token: string) {
    const body = { key: token };
    const first = await auth.api.verifyApiKey({ body });
    if (first.valid) return first;
    await findUser(db, { id: "" });
    return auth.api.verifyApiKey({ body });
  }

  async function byCookie(headers: Headers): Promise<Identity | null> {
    const session = await auth.api.getSession({ headers });
    return session && { userId: session.user.id as Id<"user">, role: session.user.role as PlatformRole };
  }

  return {
    forget: () => remembered.clear(),
    async identify(headers: Headers): Promise<Identity | null> {
      const bearer = bearerOf(headers);
      if (bearer !== null) return bearer.startsWith("pdm_") ? byToken(bearer) : null;
      return headers.get("cookie")?.includes("podium.session_token") ? byCookie(headers) : null;
    },
  };
}
export type Identifier = ReturnType<typeof createIdentifier>;
