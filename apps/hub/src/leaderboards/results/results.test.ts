import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { makeScored, setRound, setSubmission } from "../../testing/boards.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { fail, submitFile } from "../../testing/submissions.ts";

test("the organizer reads every submission of a round; others none before it is revealed, then all but what is secret", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer, members, roundId } = await makeScored(ctx, [1, 2]);
    const [player] = members;
    if (!player) throw new Error("no player");
    const failed = await submitFile(player, name);
    await fail(ctx, failed);
    await setSubmission(ctx, failed.id, { memo: "=1+1" });
    const path = `/competitions/${name}/rounds/round-1/results`;

    const all = (await apiOf(organizer).ask("GET", path)).json();
    const early = await apiOf(player).ask("GET", path);
    await setRound(ctx, roundId, { revealedAt: ctx.clock.now() });
    const revealed = (await apiOf(player).ask("GET", path)).json();

    expect(all.items).toHaveLength(3);
    expect(all.items.find(({ id }: { id: string }) => id === failed.id)).toMatchObject({
      state: "failed",
      memo: "=1+1",
      failure: { code: expect.any(String) },
    });
    expect(early.status).toBe(403);
    expect(revealed.items.find(({ id }: { id: string }) => id === failed.id)).toMatchObject({
      state: "failed",
      memo: null,
      failure: null,
    });
    expect(revealed.items.map(({ score }: { score: number }) => score).sort()).toEqual([1, 2, null]);
  }));

test("pages of results hold each submission once", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeScored(ctx, [3, 1, 2]);
    const ask = (query: string) =>
      apiOf(organizer).ask("GET", `/competitions/${name}/rounds/round-1/results${query}`);

    const first = (await ask("?limit=2")).json();
    const rest = (await ask(`?limit=2&after=${first.next}`)).json();

    const ids = [...first.items, ...rest.items].map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(rest.next).toBeNull();
  }));

test("a contest's rules say which rounds may be read; an unknown contest is none", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer, members } = await makeScored(ctx, [1]);
    const [player] = members;
    if (!player) throw new Error("no player");
    const readable = async (who: typeof organizer) =>
      (await apiOf(who).ask("GET", `/competitions/${name}/results`)).json().rounds[0].readable;

    expect(await readable(organizer)).toBe(true);
    expect(await readable(player)).toBe(false);
    expect((await apiOf(player).ask("GET", "/competitions/no-such/results")).status).toBe(404);
  }));
