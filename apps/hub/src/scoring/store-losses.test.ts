import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localFile, treeEntries } from "../data/index.ts";
import { systemContext, type TestContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { writeRowValues } from "./row-values.ts";
import { storeLosses } from "./store-losses.ts";

const folder = await mkdtemp(join(tmpdir(), "podium-losses-test-"));
afterAll(() => rm(folder, { recursive: true }));

/** The files that these columns of row values become. */
async function stored(ctx: TestContext, columns: Record<string, readonly number[]>, descending = false) {
  const path = join(folder, ctx.ids.next("score"));
  const values = Object.entries(columns).map(([name, of]) => ({ name, values: Float64Array.from(of) }));
  await writeRowValues(path, values[0]?.values.length ?? 0, values);
  const { team } = await makeMember(ctx);
  const treeId = await storeLosses(ctx, team.id, { path, columns: Object.keys(columns), descending });
  const files: Record<string, number[]> = {};
  for await (const entry of treeEntries(ctx.db, treeId ?? "")) {
    const file = await localFile(ctx, entry.sha256);
    files[entry.path] = [...new Float64Array(await Bun.file(file ?? "").arrayBuffer())];
  }
  return files;
}

test("losses lie in the order of the labels; where a larger value is better they are negative", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    expect(await stored(ctx, { score: [1, 0, 4] })).toEqual({ "score.f64": [1, 0, 4] });
    expect(await stored(ctx, { other: [9, 9, 9], score: [1, 0, 1] }, true)).toEqual({
      "score.f64": [-1, 0, -1],
    });
  }));

test("a split round has a file a part", () =>
  withRollback(async (db) => {
    expect(await stored(systemContext(db), { public: [1, 0, 1], score: [1, 2, 3] })).toEqual({
      "score.public.f64": [1, 3],
      "score.private.f64": [2],
    });
  }));

test("rows that weigh more have larger losses: the plain mean of a part is its weighted mean", () =>
  withRollback(async (db) => {
    const columns = { public: [1, 1, 0], score: [1, 4, 5], "score:weight": [3, 1, 7] };
    const files = await stored(systemContext(db), columns);
    expect(files["score.public.f64"]).toEqual([1.5, 2]);
    expect(files["score.private.f64"]).toEqual([5]);
  }));

test("more rows than a blob holds become one file of several", () =>
  withRollback(async (db) => {
    const many = Array.from({ length: 1024 ** 2 + 5 }, (_, row) => row);
    expect(await stored(systemContext(db), { score: many })).toEqual({ "score.f64": many });
  }));

test("a metric without losses of rows stores nothing", () =>
  withRollback(async (db) => {
    expect(
      await storeLosses(systemContext(db), "none", { path: "", columns: ["mae"], descending: false }),
    ).toBe(null);
  }));
