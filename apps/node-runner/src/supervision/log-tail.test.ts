import { afterEach, beforeEach, expect, test } from "bun:test";
import { appendFile, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../clock.ts";
import { removeFolder } from "../data/remove.ts";
import { LogTail } from "./log-tail.ts";
import { Spool } from "./spool.ts";
import { readRecords } from "./spool-reader.ts";

let folder: string;
let spool: Spool;
let tooLong = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "podium-tail-"));
  spool = await Spool.open(join(folder, "records.jsonl"));
  tooLong = 0;
});
afterEach(async () => {
  await spool.close();
  await removeFolder(folder);
});

function tail(maxBytes = 64 * 1024 ** 2, maxLines = 1_000_000) {
  const path = join(folder, "output.log");
  return new LogTail({ path, spool, clock: systemClock, maxBytes, maxLines, onTooLong: () => tooLong++ });
}
const write = (bytes: string | Uint8Array) => appendFile(join(folder, "output.log"), bytes);
async function lines() {
  const { records } = await readRecords(join(folder, "records.jsonl"), 0, spool.durableBytes, 100_000);
  return records.map(({ record }) => (record.type === "log" ? record.text : ""));
}

test("a line is taken when it is complete; the last one also without its end", async () => {
  const reader = tail();
  await reader.poll();
  await write("one\ntw");
  await reader.poll();
  expect(await lines()).toEqual(["one"]);
  await write("o\r\n\nthree");
  await reader.poll();
  expect(await lines()).toEqual(["one", "two", ""]);
  await reader.finish();
  expect(await lines()).toEqual(["one", "two", "", "three"]);
});

test("another reader goes on at the same byte", async () => {
  await write("one\ntwo\n");
  await tail().poll();
  await write("three\n");
  await tail().finish();
  expect(await lines()).toEqual(["one", "two", "three"]);
});

test("a long line is cut between characters, and nothing of it is lost", async () => {
  const long = "äöü€".repeat(20_000);
  await write(`${long}\nshort\n`);
  await tail().finish();
  const got = await lines();
  expect(got.at(-1)).toBe("short");
  expect(got.slice(0, -1).join("")).toBe(long);
  expect(Math.max(...got.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(16 * 1024);
});

test("bytes that are no UTF-8 and zeros are replaced", async () => {
  await write(new Uint8Array([0x61, 0xff, 0x00, 0x62, 0x0a]));
  await tail().finish();
  expect(await lines()).toEqual(["a\uFFFD\uFFFDb"]);
});

test("megabytes written between two looks arrive whole", async () => {
  const wanted = Array.from({ length: 40_000 }, (_, index) => `line ${index} ${"x".repeat(index % 60)}`);
  await write(`${wanted.join("\n")}\n`);
  const reader = tail();
  await Promise.all([reader.poll(), reader.poll(), reader.finish()]);
  expect((await readAll()).join("\n")).toBe(wanted.join("\n"));

  async function readAll() {
    const all: string[] = [];
    for (let offset = 0; ; ) {
      const read = await readRecords(join(folder, "records.jsonl"), offset, spool.durableBytes, 5_000);
      if (read.end === offset) return all;
      all.push(...read.records.map(({ record }) => (record.type === "log" ? record.text : "")));
      offset = read.end;
    }
  }
});

test("beyond the bound nothing more is read, and it is said once", async () => {
  await write("x\n".repeat(300_000));
  const reader = tail(100_000);
  await reader.poll();
  await reader.poll();
  await reader.finish();
  expect(tooLong).toBe(1);
  expect(spool.logEnd).toBeLessThan(400_000);
});

test("lines are bounded too, empty ones above all, and counted on by the next runner", async () => {
  await write("\n".repeat(2_000_000));
  await tail(undefined, 300_000).finish();
  expect(tooLong).toBe(1);
  expect(spool.lastSeq).toBeLessThan(600_000);
  await spool.close();

  spool = await Spool.open(join(folder, "records.jsonl"));
  const before = spool.lastSeq;
  await tail(undefined, 300_000).finish();
  expect(tooLong).toBe(2);
  expect(spool.lastSeq).toBe(before);
});
