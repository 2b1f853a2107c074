import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockWork } from "./work-lock.ts";

const folder = mkdtempSync(join(tmpdir(), "podium-lock-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("work is one process's at a time, until it gives it back", () => {
  const path = join(folder, "lock");
  const unlock = lockWork(path);
  expect(() => lockWork(path)).toThrow(`at work already, as process ${process.pid}`);
  unlock();
  expect(existsSync(path)).toBe(false);
  lockWork(path)();
});

test("work of a process that was killed is taken over, also when it had not yet said who it was", async () => {
  const path = join(folder, "left");
  const gone = Bun.spawn(["true"]);
  await gone.exited;
  for (const left of [String(gone.pid), ""]) {
    writeFileSync(path, left);
    lockWork(path)();
  }
});
