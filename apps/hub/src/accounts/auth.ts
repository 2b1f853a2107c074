import { apiKey } from "@better-auth/api-key";
import type { ID_PREFIX, IdSource } from "@podium/shared";
import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { organization } from "better-auth/plugins/organization";
import type { Logger } from "pino";
import type { Db } from "../platform/database.ts";

export interface AuthOptions {
  db: Db;
  ids: IdSource;
  secret: string;
  publicUrl: string;
  log: Logger;
  /** Tables of the domains that better-auth writes to: accounts' own and the teams'. */
  schema: Record<string, unknown>;
}

const ID_KIND: Record<string, keyof typeof ID_PREFIX> = {
  user: "user",
  organization: "team",
  apikey: "token",
};

/**
 * better-auth: password log-in, browser sessions, API tokens, teams as organizations. Its HTTP handler is not
 * mounted: our routes call its server functions, so that the API has one face and one set of permissions.
 */
export function createAuth({ db, ids, secret, publicUrl, log, schema }: AuthOptions) {
  return betterAuth({
    appName: "Podium",
    baseURL: publicUrl,
    secret,
    telemetry: { enabled: false },
    logger: {
      // What a caller got wrong is said to the caller. The rest goes where everything goes, as JSON.
      level: "error",
      log: (_, message, ...details: unknown[]) =>
        log.warn({ err: details.find((detail) => detail instanceof Error) }, `better-auth: ${message}`),
    },
    database: drizzleAdapter(db, { provider: "pg", schema, transaction: true }),
    advanced: {
      cookiePrefix: "podium",
      useSecureCookies: publicUrl.startsWith("https://"),
      database: {
        generateId: ({ model }) => {
          const kind = ID_KIND[model];
          return kind ? ids.next(kind) : ids.next("event").slice(4);
        },
      },
    },
    user: { additionalFields: { role: { type: "string", input: false, defaultValue: "participant" } } },
    emailAndPassword: {
      enabled: true,
      autoSignIn: true,
      minPasswordLength: 10,
      maxPasswordLength: 200,
      // Bun's native argon2id: off the event loop, unlike the JavaScript scrypt that is the default
      password: {
        hash: (password) =>
          Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 }),
        verify: ({ hash, password }) => Bun.password.verify(password, hash),
      },
    },
    plugins: [
      organization(),
      apiKey({
        defaultPrefix: "pdm_",
        requireName: true,
        rateLimit: { enabled: false },
        keyExpiration: { maxExpiresIn: 3650 },
        deferUpdates: false,
      }),
    ],
  });
}

export type Auth = ReturnType<typeof createAuth>;
