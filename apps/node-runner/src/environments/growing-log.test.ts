import { afterEach, beforeEach, expect, test } from "bun:test";
import { appendFile, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "../data/remove.ts";
import { GrowingLog } from "./growing-log.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "podium-log-"));
  path = join(folder, "build.log");
});
afterEach(() => removeFolder(folder));

const all = (log: GrowingLog, last = false) => Array.fromAsync(log.lines(last));

test("a line comes when it is complete, the last one at the end", async () => {
  const log = new GrowingLog(path);
  expect(await all(log)).toEqual([]);
  await appendFile(path, "one\ntw");
  expect(await all(log)).toEqual(["one"]);
  await appendFile(path, "o\r\nthr\0ee");
  expect(await all(log)).toEqual(["two"]);
  expect(await all(log, true)).toEqual(["thr\uFFFDee"]);
});

test("one call gives some megabytes of what is there, so that it ends whoever goes on writing", async () => {
  await appendFile(path, `${"x".repeat(999)}\n`.repeat(10_000));
  const log = new GrowingLog(path);
  const first = await all(log);
  expect(first.length).toBeGreaterThan(1000);
  expect(first.length).toBeLessThan(5000);
  expect(first.length + (await all(log, true)).length).toBe(10_000);
});

test("what is passed over is not read; the end comes whole", async () => {
  await appendFile(path, `first\n${"x".repeat(1000)}\n`.repeat(100));
  await appendFile(path, "ERROR: the end\n");
  const log = new GrowingLog(path);
  await log.skipTo(200);
  expect((await all(log, true)).at(-1)).toBe("ERROR: the end");
  await log.skipTo(10 ** 6);
  expect(await all(log, true)).toEqual([]);
});
