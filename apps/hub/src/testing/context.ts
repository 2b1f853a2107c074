import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIds } from "@podium/shared";
import { fixedClock } from "../platform/clock.ts";
import type { Actor, Context } from "../platform/context.ts";
import type { Db } from "../platform/database.ts";
import { createFolderStore } from "../platform/folder-store.ts";
import { createLog } from "../platform/log.ts";
import { random32 } from "../platform/secrets.ts";

const NOON = "2026-01-01T12:00:00Z";
export type TestContext = Context & { clock: ReturnType<typeof fixedClock> };

const blobFolder = mkdtempSync(join(tmpdir(), "podium-test-blobs-"));
afterAll(() => rmSync(blobFolder, { recursive: true, force: true }));

/** A context on the given database: noon of 2026-01-01 on a clock that stands still, real blobs in a temporary folder. */
export function systemContext(db: Db): TestContext {
  const clock = fixedClock(NOON);
  return {
    actor: { kind: "system" },
    db,
    clock,
    ids: createIds(() => clock.now().getTime(), random32),
    blobs: createFolderStore(blobFolder),
    log: createLog("silent", "test"),
    settings: {
      publicUrl: "http://podium.test",
      secret: "0123456789abcdef0123456789abcdef",
      leaseMs: 60_000,
      inferWaitMs: 24 * 3_600_000,
      localFolder: join(blobFolder, "local"),
    },
  };
}

/** The same world, seen by somebody else. */
export function as(ctx: TestContext, actor: Actor): TestContext {
  return { ...ctx, actor };
}
