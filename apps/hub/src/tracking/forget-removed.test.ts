import { expect, test } from "bun:test";
import type { Id, SpoolRecord } from "@podium/shared";
import { apiOf } from "../testing/api.ts";
import { as, systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import {
  ENDED,
  type Member,
  makeCheckpoint,
  makeMember,
  makeRunningSession,
  reload,
  report,
} from "../testing/factories.ts";
import { forgetRemoved } from "./forget-removed.ts";
import { listCheckpoints, logsAfter, metricsAfter, removedSessions } from "./store.ts";
import { storeRecords } from "./store-records.ts";

const RECORDS = 20;

/** An ended session with as many lines as metrics. */
async function makeEnded(member: Member) {
  const session = await makeRunningSession(member);
  const { attemptId, epoch, nodeId } = await reload(member, session);
  const at = member.clock.now().toISOString();
  const records: SpoolRecord[] = Array.from({ length: RECORDS }, (_, index) =>
    index % 2 === 0
      ? { type: "log", seq: index + 1, at, text: "a line" }
      : { type: "metric", seq: index + 1, at, step: index, values: { loss: 1 }, summary: false },
  );
  await storeRecords(
    as(member, { kind: "node", nodeId: nodeId as Id<"node"> }),
    attemptId ?? "",
    epoch,
    records,
  );
  await report(member, session, { ...ENDED, final_seq: RECORDS });
  await makeCheckpoint(member, session);
  return session;
}

test("log, metrics and checkpoints of a removed session go, a few rows at a time; those of others stay", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const [removed, kept] = [await makeEnded(member), await makeEnded(member)];
    expect((await apiOf(member).ask("DELETE", `/sessions/${removed.id}`)).status).toBe(204);
    const left = async ({ id }: { id: string }) =>
      (await logsAfter(db, id, 0, 100)).length +
      (await metricsAfter(db, id, 0, undefined, 100)).length +
      (await listCheckpoints(db, id)).length;

    let turns = 0;
    expect(await forgetRemoved(ctx, () => ++turns <= 2, 3)).toBe(13);
    expect([await left(removed), await left(kept)]).toEqual([8, RECORDS + 1]);
    expect(await forgetRemoved(ctx, () => true, 3)).toBe(8);
    expect([await left(removed), await left(kept)]).toEqual([0, RECORDS + 1]);
    expect(await removedSessions(db, "", 10)).toEqual([]);
    expect(await forgetRemoved(ctx)).toBe(0);
  }));
