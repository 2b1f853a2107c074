import { afterEach, beforeEach, expect, test } from "bun:test";
import { appendFile, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "../data/remove.ts";
import { type RecordDraft, Spool } from "./spool.ts";
import { readRecords } from "./spool-reader.ts";

const AT = "2026-01-01T00:00:00.000Z";
const log = (text: string): { record: RecordDraft } => ({ record: { type: "log", at: AT, text } });

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "podium-spool-"));
  path = join(folder, "records.jsonl");
});
afterEach(() => removeFolder(folder));

async function textsOf(spool: Spool, offset = 0, max = 1000) {
  const { records } = await readRecords(path, offset, spool.durableBytes, max);
  return records.map(({ record }) => [record.seq, record.type === "log" ? record.text : record.type]);
}

test("records are numbered in the order of the calls, over every type and every caller", async () => {
  const spool = await Spool.open(path);
  await Promise.all([
    spool.append([log("a"), log("b")]),
    spool.append([
      { failure: { code: "user_error", message: "x", location: null, hint: null }, from: [7, 1] },
    ]),
    spool.append([{ record: { type: "progress", at: AT, done: 1, total: 2 }, from: [7, 2] }]),
    spool.append([log("c")]),
  ]);
  expect(await textsOf(spool)).toEqual([
    [1, "a"],
    [2, "b"],
    [3, "progress"],
    [4, "c"],
  ]);
  await spool.close();
});

test("a line that a crash cut off is dropped, and its number is given out again", async () => {
  const first = await Spool.open(path);
  await first.append([{ ...log("whole"), log_end: 6, from: [7, 3] }]);
  await first.close();
  await appendFile(path, '{"record":{"type":"log","seq":2,"te');

  const second = await Spool.open(path);
  expect([second.lastSeq, second.logEnd, second.holds(7, 3), second.holds(7, 4)]).toEqual([
    1,
    6,
    true,
    false,
  ]);
  await second.append([log("next")]);
  expect(await textsOf(second)).toEqual([
    [1, "whole"],
    [2, "next"],
  ]);
  expect((await readFile(path, "utf8")).endsWith("\n")).toBe(true);
  await second.close();
});

test("reading goes on where the last read ended, in pieces, also over a record larger than one read", async () => {
  const spool = await Spool.open(path);
  const long = "x".repeat(3 * 1024 * 1024);
  await spool.append([log("a"), log(long), log("b"), log("c")]);
  const seen: number[] = [];
  for (let offset = 0; ; ) {
    const { records, end } = await readRecords(path, offset, spool.durableBytes, 2);
    if (end === offset) break;
    seen.push(...records.map(({ record }) => record.seq));
    offset = end;
  }
  expect(seen).toEqual([1, 2, 3, 4]);
  await spool.close();
});

test("a large spool is recalled piece by piece, whatever lies across the pieces", async () => {
  const first = await Spool.open(path);
  const texts = ["é".repeat(1024 ** 2 - 50), "x".repeat(3 * 1024 ** 2 + 1), "ü".repeat(700_000)];
  for (const [index, text] of texts.entries()) await first.append([{ ...log(text), from: [7, index + 1] }]);
  await first.close();
  await appendFile(path, "y".repeat(2 * 1024 ** 2));

  const second = await Spool.open(path);
  expect([second.lastSeq, second.holds(7, 3), second.holds(7, 4)]).toEqual([3, true, false]);
  await second.append([log("next")]);
  expect((await readFile(path, "utf8")).split("\n").map((line) => line.length)).toHaveLength(5);
  const third = await Spool.open(path);
  expect([third.lastSeq, third.durableBytes]).toEqual([4, second.durableBytes]);
  await third.close();
  await second.close();
});

test("of many large checkpoints the newest are remembered", async () => {
  const spool = await Spool.open(path);
  const entries = (size: number) =>
    Array.from({ length: size }, (_, n) => ({
      path: `f${n}`,
      sha256: "0".repeat(64),
      size: 0,
      mode: 0o644 as const,
    }));
  const save = (name: string, size: number) =>
    spool.append([{ record: { type: "checkpoint", at: AT, name, entries: entries(size), metrics: {} } }]);
  await save("first", 10);
  await save("large", 150_000);
  await save("last", 60_000);
  expect([...spool.checkpoints.keys()]).toEqual(["last"]);
  await save("last", 20);
  await save("small", 30);
  expect([...spool.checkpoints.keys()]).toEqual(["last", "small"]);
  await spool.close();
});
