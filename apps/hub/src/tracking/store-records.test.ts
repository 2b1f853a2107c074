import { describe, expect, test } from "bun:test";
import type { SpoolRecord } from "@podium/shared";
import { putBlob } from "../data/index.ts";
import { sha256 } from "../platform/secrets.ts";
import { as, systemContext, type TestContext } from "../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../testing/database.ts";
import { ENDED, loseNodes, makeMember, makeRunningSession, reload, report } from "../testing/factories.ts";
import { makeRunningGang, members, writes } from "../testing/gangs.ts";
import { listCheckpoints, logsAfter, metricsAfter } from "./store.ts";
import { storeRecords } from "./store-records.ts";

const AT = "2026-01-01T12:00:00Z";
const log = (seq: number, text = `line ${seq}`): SpoolRecord => ({ type: "log", seq, at: AT, text });
const metric = (seq: number, values: Record<string, number | null>, summary = false): SpoolRecord => ({
  type: "metric",
  seq,
  at: AT,
  step: seq,
  values,
  summary,
});

/** A running session, and what its node posts for it. */
async function makeWriter(ctx: TestContext) {
  const member = await makeMember(ctx);
  const session = await makeRunningSession(member);
  const node = as(ctx, { kind: "node", nodeId: session.nodeId as `nod_${string}` });
  const post = (records: SpoolRecord[], epoch = session.epoch) =>
    storeRecords(node, session.attemptId ?? "", epoch, records);
  const lines = async () => (await logsAfter(ctx.db, session.id, 0, 1000)).map((row) => row.text);
  const save = async (seq: number, name: string, text: string): Promise<SpoolRecord> => {
    const bytes = new TextEncoder().encode(text);
    await putBlob(ctx, { teamId: member.team.id, sha256: sha256(bytes), body: bytes });
    const entry = { path: "model.bin", sha256: sha256(bytes), size: bytes.byteLength, mode: 0o644 as const };
    return { type: "checkpoint", seq, at: AT, name, entries: [entry], metrics: { loss: seq } };
  };
  return { member, session, node, post, lines, save };
}

test("lines and values are stored in order, and those who watch are told", () =>
  withRollback(async (db) => {
    const { post, lines, session } = await makeWriter(systemContext(db));
    expect(await post([log(1), metric(2, { loss: 0.5, accuracy: 0.9 }), log(3)])).toBe(3);
    expect(await lines()).toEqual(["line 1", "line 3"]);
    const points = await metricsAfter(db, session.id, 0, undefined, 100);
    expect(points.map(({ name, value, step }) => [name, value, step])).toEqual([
      ["accuracy", 0.9, 2],
      ["loss", 0.5, 2],
    ]);
    expect((await outboxTypes(db)).at(-1)).toBe("session.recorded");
  }));

describe("what is sent", () => {
  test("again is stored once", () =>
    withRollback(async (db) => {
      const { post, lines } = await makeWriter(systemContext(db));
      await post([log(1), log(2)]);
      expect(await post([log(1), log(2)])).toBe(2);
      expect(await post([log(2), log(3)])).toBe(3);
      expect(await lines()).toEqual(["line 1", "line 2", "line 3"]);
    }));

  test("with a gap is refused, and the answer says from where to send", () =>
    withRollback(async (db) => {
      const { post, lines } = await makeWriter(systemContext(db));
      await post([log(1)]);
      for (const records of [[log(3)], [log(2), log(4)], [log(3), log(2)]]) {
        await expect(post(records)).rejects.toMatchObject({
          code: "invalid_request",
          details: { acked_seq: 1 },
        });
      }
      expect(await lines()).toEqual(["line 1"]);
    }));

  test("by several posts at once is stored once, and all of them succeed", () =>
    withDatabase(async ({ db }) => {
      const { post, lines } = await makeWriter(systemContext(db));
      const records = Array.from({ length: 20 }, (_, index) => log(index + 1));
      const acked = await Promise.all(Array.from({ length: 8 }, () => post(records)));
      expect(new Set(acked)).toEqual(new Set([20]));
      expect(await lines()).toEqual(records.map((_, index) => `line ${index + 1}`));
    }));

  test("under a stale epoch, by another node, or after the end changes nothing", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { post, lines, session, node } = await makeWriter(ctx);
      await expect(post([log(1)], 2)).rejects.toMatchObject({ code: "stale_epoch" });
      const other = as(ctx, { kind: "node", nodeId: ctx.ids.next("node") });
      const foreign = storeRecords(other, session.attemptId ?? "", 1, [log(1)]);
      await expect(foreign).rejects.toMatchObject({ code: "not_found" });
      await expect(storeRecords(ctx, session.attemptId ?? "", 1, [log(1)])).rejects.toMatchObject({
        code: "unauthenticated",
      });
      await report(ctx, session, ENDED);
      await expect(post([log(1)])).rejects.toMatchObject({ code: "stale_epoch" });
      expect(await lines()).toEqual([]);
      expect(node.actor.kind).toBe("node");
    }));

  test("by an attempt that was lost changes nothing: its session starts afresh elsewhere", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { post, lines, save, session } = await makeWriter(ctx);
      await post([log(1, "before")]);
      const late = await save(2, "best", "weights");
      await loseNodes(ctx);
      await expect(post([late])).rejects.toMatchObject({ code: "stale_epoch" });
      expect(await listCheckpoints(db, session.id)).toEqual([]);
      expect(await lines()).toEqual(["before"]);
    }));
});

describe("checkpoints", () => {
  test("of one name: the last one saved is what the name means", () =>
    withRollback(async (db) => {
      const { post, save, session } = await makeWriter(systemContext(db));
      await post([
        await save(1, "best", "old"),
        await save(2, "last", "old"),
        await save(3, "best", "newer"),
      ]);
      const rows = await listCheckpoints(db, session.id);
      expect(rows.map(({ name, sizeBytes, metrics }) => [name, sizeBytes, metrics["loss"]]).sort()).toEqual([
        ["best", 5, 3],
        ["last", 3, 2],
      ]);
    }));

  test("with a file that was not sent are refused whole, so that nothing of the batch is acknowledged", () =>
    withRollback(async (db) => {
      const { post, lines, session } = await makeWriter(systemContext(db));
      const entries = [{ path: "model.bin", sha256: sha256("never sent"), size: 1, mode: 0o644 as const }];
      const broken: SpoolRecord = { type: "checkpoint", seq: 2, at: AT, name: "best", entries, metrics: {} };
      await expect(post([log(1), broken])).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("model.bin"),
      });
      expect(await lines()).toEqual([]);
      expect(await listCheckpoints(db, session.id)).toEqual([]);
    }));
});

describe("what hostile code writes", () => {
  test("with NUL characters is stored without them, in text, names and numbers' names", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { post, lines, save, session } = await makeWriter(ctx);
      const checkpoint = { ...(await save(3, "be\u0000st", "w")), metrics: { "a\u0000": 1 } } as SpoolRecord;
      await post([log(1, "a\u0000b"), metric(2, { "lo\u0000ss": 1, "lo\ufffdss": 2 }, true), checkpoint]);
      expect(await lines()).toEqual(["a\ufffdb"]);
      expect((await listCheckpoints(db, session.id))[0]).toMatchObject({ name: "be\ufffdst" });
      expect((await reload(ctx, session)).summary).toEqual({ "lo\ufffdss": 2 });
    }));

  test("of extreme size or time is stored as far as it can be believed", () =>
    withRollback(async (db) => {
      const { post, session } = await makeWriter(systemContext(db));
      const far = { ...log(1, "x".repeat(65_536)), at: "9999-12-31T23:59:59Z" };
      const past = { ...metric(2, { big: 1.7e308, tiny: 5e-324, nan: null }), at: "0000-01-01T00:00:00Z" };
      await post([far, past]);
      const [line] = await logsAfter(db, session.id, 0, 10);
      expect([line?.text.length, line?.at.toISOString()]).toEqual([65_536, "2026-01-02T12:00:00.000Z"]);
      const points = await metricsAfter(db, session.id, 0, undefined, 10);
      expect(points.map(({ value }) => value)).toEqual([1.7e308, null, 5e-324]);
      expect(points[0]?.at.toISOString()).toBe("2025-12-31T12:00:00.000Z");
    }));

  test("into its summary is bounded", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { post, session } = await makeWriter(ctx);
      const many = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`m${index}`, index]));
      await post([metric(1, many, true), metric(2, { m0: 7, late: 1 }, true)]);
      const { summary } = await reload(ctx, session);
      expect(Object.keys(summary)).toHaveLength(500);
      expect(summary["m0"]).toBe(7);
    }));
});

test("the summary keeps each name's latest number; NaN takes nothing away", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { post, session } = await makeWriter(ctx);
    await post([metric(1, { loss: 2, acc: 0.1 }, true), metric(2, { loss: 99 })]);
    await post([metric(3, { loss: 1, acc: null }, true)]);
    expect((await reload(ctx, session)).summary).toEqual({ loss: 1, acc: 0.1 });
  }));

test("progress is the latest that was told, and never more than all", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { post, session } = await makeWriter(ctx);
    const told = (seq: number, done: number): SpoolRecord => ({
      type: "progress",
      seq,
      at: AT,
      done,
      total: 9,
    });
    expect((await reload(ctx, session)).progress).toBeNull();
    await post([told(1, 3), log(2), told(3, 5)]);
    expect((await reload(ctx, session)).progress).toEqual({ done: 5, total: 9 });
    await post([metric(4, { loss: 1 }, true)]);
    expect(await reload(ctx, session)).toMatchObject({
      progress: { done: 5, total: 9 },
      summary: { loss: 1 },
    });
    await post([told(5, -1)]);
    expect((await reload(ctx, session)).progress).toEqual({ done: 0, total: 9 });
    await post([told(6, 10)]);
    expect((await reload(ctx, session)).progress).toEqual({ done: 9, total: 9 });
  }));

test("pages of values never cut one report apart, and together hold every value once", () =>
  withRollback(async (db) => {
    const { post, session } = await makeWriter(systemContext(db));
    await post(Array.from({ length: 10 }, (_, index) => metric(index + 1, { a: index, b: index, c: index })));
    const seen: string[] = [];
    for (let after = 0, pages = 0; pages < 20; pages++) {
      const rows = await metricsAfter(db, session.id, after, undefined, 4);
      if (rows.length === 0) break;
      expect(rows.length % 3).toBe(0);
      seen.push(...rows.map(({ seq, name }) => `${seq}${name}`));
      after = rows.at(-1)?.position ?? after;
    }
    expect(seen).toHaveLength(30);
    expect(new Set(seen).size).toBe(30);
    expect(await metricsAfter(db, session.id, 0, "b", 100)).toHaveLength(10);
  }));

test("what members of a gang write is read in the order in which it came, each line with its rank, none missed", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningGang(await makeMember(ctx));
    const parts = await members(ctx, session);
    const post = async (rank: number, records: SpoolRecord[]) => {
      const part = parts[rank];
      if (part) await writes(ctx, part, records);
    };
    const seen: string[] = [];
    let position = 0;
    const follow = async () => {
      for (const row of await logsAfter(db, session.id, position, 1000)) {
        seen.push(`[${row.rank}] ${row.text}`);
        position = row.position;
      }
    };
    await post(1, [log(1, "a"), log(2, "b")]);
    await follow();
    await post(0, [log(1, "c"), metric(2, { loss: 1 }, true)]);
    await follow();
    await post(1, [log(2, "b"), log(3, "d"), metric(4, { loss: 2 }, true)]);
    await post(0, [log(3, "e")]);
    await follow();
    expect(seen).toEqual(["[1] a", "[1] b", "[0] c", "[1] d", "[0] e"]);
    const points = await metricsAfter(db, session.id, 0, undefined, 100);
    expect(points.map(({ rank, value }) => [rank, value])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect((await reload(ctx, session)).summary).toEqual({ loss: 1 });
  }));
