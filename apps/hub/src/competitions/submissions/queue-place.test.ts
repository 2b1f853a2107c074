import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant, makeNode, place, reload, report } from "../../testing/factories.ts";
import {
  reloadSubmission,
  score,
  submitCheckpoint,
  submitFile,
  submitToScorer,
} from "../../testing/submissions.ts";
import { type SubmissionRow, updateSubmission } from "../store.ts";
import { startInference } from "./infer.ts";
import { queuePlace } from "./queue-place.ts";

test("what waits for a node knows its place and when a node is free; what runs waits for nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: { limits: { memory_bytes: 6 * 1024 ** 3 } } });
    const [busy, single] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
    const all: SubmissionRow[] = [];
    for (const who of [busy, busy, busy, single])
      all.push(await submitCheckpoint(who, name, { priority: -100 }));
    for (const each of all) await startInference(ctx, each.id);
    const places = async () => {
      const found = [];
      for (const each of all)
        found.push((await queuePlace(ctx, await reloadSubmission(ctx, each)))?.position ?? null);
      return found;
    };
    expect(await places()).toEqual([1, 3, 4, 2]);

    await makeNode(ctx);
    await place(ctx);
    const infer = { id: (await reloadSubmission(ctx, all[0] ?? { id: "" })).inferSessionId ?? "" };
    await report(ctx, infer, { state: "running" });
    expect((await reload(ctx, infer)).state).toBe("running");
    expect(await places()).toEqual([null, 2, 3, 1]);
    const [, , , last] = all;
    const own = await apiOf(single).ask("GET", `/submissions/${last?.id}`);
    expect(own.json()).toMatchObject({
      state: "inferring",
      queue: {
        position: 1,
        waits_for: "node",
        starts_at: new Date(ctx.clock.now().getTime() + 600_000).toISOString(),
      },
    });
    const list = await apiOf(busy).ask("GET", `/competitions/${name}/submissions`);
    expect(list.json().items.map((item: { queue: unknown }) => item.queue)).toEqual([
      { position: 3, waits_for: "node", starts_at: null },
      { position: 2, waits_for: "node", starts_at: null },
      null,
    ]);
  }));

test("what waits for the scorer is told by how fast it has been; what has ended waits for nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: { limits: { pending: 9 } } });
    const entrant = await makeEntrant(ctx, name);
    const early = [await submitToScorer(entrant, name), await submitToScorer(entrant, name)];
    expect(
      (await queuePlace(ctx, await reloadSubmission(ctx, early[1] ?? { id: "" })))?.starts_at,
    ).toBeNull();
    for (const each of early) {
      ctx.clock.advance(4000);
      await score(ctx, each, 1);
    }
    expect(await queuePlace(ctx, await reloadSubmission(ctx, early[0] ?? { id: "" }))).toBeNull();
    const waiting = [await submitToScorer(entrant, name), await submitToScorer(entrant, name)];
    const accepted = await submitFile(entrant, name);
    await db.transaction((tx) => updateSubmission(tx, waiting[0]?.id ?? "", { state: "scoring" }));
    expect(await queuePlace(ctx, await reloadSubmission(ctx, waiting[1] ?? { id: "" }))).toEqual({
      position: 2,
      waits_for: "scorer",
      starts_at: new Date(ctx.clock.now().getTime() + 4000).toISOString(),
    });
    expect(await queuePlace(ctx, await reloadSubmission(ctx, accepted))).toEqual({
      position: 3,
      waits_for: "scorer",
      starts_at: new Date(ctx.clock.now().getTime() + 8000).toISOString(),
    });
  }));
