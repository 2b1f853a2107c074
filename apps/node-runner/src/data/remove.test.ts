import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "./remove.ts";

test("folders without permissions go, also where they lie so deep that they have no path", async () => {
  const folder = await mkdtemp(join(tmpdir(), "podium-remove-"));
  const dig = `name=$(printf %0200d 0); for _ in $(seq 30); do mkdir "$name" && cd -P "$name" || exit 1; done
echo x > file; mkdir closed; echo x > closed/file; chmod 0 closed`;
  expect(Bun.spawnSync(["sh", "-c", dig], { cwd: folder }).exitCode).toBe(0);
  await removeFolder(folder);
  expect(existsSync(folder)).toBe(false);
});
