import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "./env.ts";
import { startHub } from "./hub.ts";
import { createLog } from "./platform/log.ts";
import { withDatabase } from "./testing/database.ts";

test("hubs that start at once on a new database all come up, and make one administrator", () =>
  withDatabase(async ({ sql }, url) => {
    const folder = mkdtempSync(join(tmpdir(), "podium-test-hubs-"));
    const env = parseEnv({
      DATABASE_URL: url,
      PODIUM_SECRET: "0123456789abcdef0123456789abcdef",
      PODIUM_GATEWAY_TOKEN: "0123456789abcdef",
      PODIUM_ADMIN_EMAIL: "admin@podium.test",
      PODIUM_ADMIN_PASSWORD: "correct horse battery",
      PODIUM_DATA: folder,
    });
    const started = await Promise.allSettled([1, 2, 3].map(() => startHub(env, createLog("silent", "hub"))));
    try {
      expect(started.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
      expect(await sql`select name, email, role from users`).toEqual([
        { name: "admin", email: "admin@podium.test", role: "admin" },
      ]);
    } finally {
      for (const hub of started) if (hub.status === "fulfilled") await hub.value.stop();
      rmSync(folder, { recursive: true });
    }
  }));
