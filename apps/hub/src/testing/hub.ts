import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "../env.ts";
import { startHub } from "../hub.ts";
import type { Database } from "../platform/database.ts";
import { createLog } from "../platform/log.ts";
import { withDatabase } from "./database.ts";

export const GATEWAY_TOKEN = "the-gateways-token";
const JOIN_TOKEN = "the-configured-join-token";
const ADMIN = { email: "admin@podium.test", password: "an-admins-password" };
const PASSWORD = "a-password-of-mine";

export interface Call {
  /** a bearer token */
  token?: string;
  /** value of the cookie header */
  cookie?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export type TestHub = Awaited<ReturnType<typeof startHub>> & {
  database: Database;
  databaseUrl: string;
  call(method: string, path: string, call?: Call): Promise<Response>;
  /** Signs up, and makes an API token. */
  join(name: string): Promise<{ token: string; cookie: string; name: string; email: string }>;
  adminToken(): Promise<string>;
};

/** A whole hub on a database of its own, asked without a network. */
export async function withHub(test: (hub: TestHub) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "podium-hub-"));
  try {
    await withDatabase(async (database, databaseUrl) => {
      const env = parseEnv({
        DATABASE_URL: databaseUrl,
        PODIUM_PUBLIC_URL: "http://podium.test",
        PODIUM_DATA: folder,
        PODIUM_SECRET: "0123456789abcdef0123456789abcdef",
        PODIUM_GATEWAY_TOKEN: GATEWAY_TOKEN,
        PODIUM_JOIN_TOKEN: JOIN_TOKEN,
        PODIUM_ADMIN_EMAIL: ADMIN.email,
        PODIUM_ADMIN_PASSWORD: ADMIN.password,
      });
      const hub = await startHub(env, createLog("silent", "hub"));
      try {
        await test({ ...hub, database, databaseUrl, ...clientOf(hub) });
      } finally {
        await hub.stop();
      }
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function clientOf(hub: Awaited<ReturnType<typeof startHub>>) {
  async function call(method: string, path: string, { token, cookie, body, headers }: Call = {}) {
    const raw = typeof body === "string" || body instanceof Uint8Array || body === undefined;
    return hub.app.request(path, {
      method,
      headers: {
        ...(raw ? {} : { "content-type": "application/json" }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(cookie ? { cookie } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
    });
  }
  async function logIn(path: string, body: unknown) {
    const answer = await call("POST", path, { body });
    if (answer.status !== 204) throw new Error(`${path}: ${await answer.text()}`);
    const cookie = answer.headers
      .getSetCookie()
      .map((each) => each.split(";")[0])
      .join("; ");
    const made = await call("POST", "/api/v1/tokens", { cookie, body: { name: "test" } });
    return { cookie, token: ((await made.json()) as { token: string }).token };
  }
  return {
    call,
    async join(name: string) {
      const email = `${name}@podium.test`;
      return { ...(await logIn("/api/v1/auth/sign-up", { email, password: PASSWORD, name })), name, email };
    },
    adminToken: async () => (await logIn("/api/v1/auth/sign-in", ADMIN)).token,
  };
}
