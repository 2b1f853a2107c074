import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { settle } from "../../testing/jobs.ts";
import { routesOf } from "../../testing/serving.ts";
import {
  count,
  makeRollout,
  makeVersions,
  newestRollout,
  setShares,
  sharesAtGateways,
} from "../../testing/traffic.ts";
import { updateBinding } from "../store.ts";
import { advanceRollouts } from "./advance-rollouts.ts";
import { steerRollout } from "./steer-rollout.ts";

const EVERY_MS = 600_000;

async function begin(
  db: Parameters<Parameters<typeof withRollback>[0]>[0],
  plan: Record<string, unknown> = {},
) {
  const ctx = systemContext(db);
  const made = await makeVersions(ctx);
  await makeRollout(made.member, made.endpoint, { steps: [5, 50, 100], every_ms: EVERY_MS, ...plan });
  const { endpoint, member } = made;
  return {
    ...made,
    ctx,
    counted: (counts: Parameters<typeof count>[2], run?: number) => count(ctx, endpoint, counts, run),
    /** The hub's duty has its turn, twice: the second moves nothing. */
    turn: async (laterMs = 0) => {
      ctx.clock.advance(laterMs);
      await advanceRollouts(ctx);
      const once = await newestRollout(ctx, endpoint);
      await advanceRollouts(ctx);
      expect({ ...(await newestRollout(ctx, endpoint)), waitsFor: null }).toEqual({
        ...once,
        waitsFor: null,
      });
      return once;
    },
    shares: () => sharesAtGateways(ctx, endpoint),
    steer: (wish: "pause" | "resume" | "abort") =>
      db.transaction((tx) => steerRollout(member, tx, endpoint, wish)),
    told: async () => {
      await settle(ctx);
      const { items } = (await apiOf(member).ask("GET", "/notifications")).json();
      return items.filter(({ kind }: { kind: string }) => kind === "rollout.ended");
    },
  };
}

test("a sound version gets its traffic step by step, each when its time is over and its calls are there", () =>
  withRollback(async (db) => {
    const { turn, counted, shares, told } = await begin(db);
    expect(await shares()).toBe("1=95 2=5");
    expect((await turn(EVERY_MS)).waitsFor).toBe("0 of 100 calls that it is judged by");
    await counted({ 1: { calls: 1_900 }, 2: { calls: 100 } });
    expect((await turn()).step).toBe(1);
    expect(await shares()).toBe("1=50 2=50");
    await counted({ 1: { calls: 2_900 }, 2: { calls: 1_100 } });
    expect((await turn(EVERY_MS - 1)).waitsFor).toContain("the step's end");
    expect((await turn(1)).step).toBe(2);
    expect(await shares()).toBe("2=100");
    expect(await told()).toEqual([]);
    await counted({ 1: { calls: 2_900 }, 2: { calls: 2_100 } });
    expect((await turn(EVERY_MS)).state).toBe("promoted");
    expect(await shares()).toBe("2=100");
    expect(await told()).toMatchObject([{ text: expect.stringContaining("was promoted") }]);
  }));

test("too many failures take the traffic back at once, with the evidence, and the team is told", () =>
  withRollback(async (db) => {
    const { turn, counted, shares, told } = await begin(db);
    await counted({ 1: { calls: 1_900 }, 2: { calls: 200, errors: 3 } });
    const ended = await turn();
    expect(ended.state).toBe("rolled_back");
    expect(ended.log.at(-1)?.text).toContain("3 of 200 calls failed (1.5 %); the rule allows 1 %.");
    expect(await shares()).toBe("1=100");
    expect(await told()).toMatchObject([{ text: expect.stringContaining("was rolled back. 3 of 200") }]);
  }));

test("a version that fails every call is taken back before it has had as many as it is judged by", () =>
  withRollback(async (db) => {
    const { turn, counted } = await begin(db);
    await counted({ 2: { calls: 1, errors: 1 } });
    expect((await turn()).state).toBe("running");
    await counted({ 2: { calls: 2, errors: 2 } });
    expect((await turn()).log.at(-1)?.text).toContain("too many for 100 calls already");
  }));

test("where the versions before fail as often, it is the callers, and the canary goes on", () =>
  withRollback(async (db) => {
    const { turn, counted } = await begin(db);
    await counted({ 1: { calls: 1_900, errors: 190 }, 2: { calls: 200, errors: 19 } });
    expect((await turn(EVERY_MS)).step).toBe(1);
  }));

test("a slow version is taken back; at the last step it is compared with what was before", () =>
  withRollback(async (db) => {
    const { turn, counted, shares } = await begin(db, { steps: [50, 100], max_p99_ratio: 1.5 });
    await counted({ 1: { calls: 500, ms: 10 }, 2: { calls: 500, ms: 12 } });
    expect((await turn(EVERY_MS)).step).toBe(1);
    await counted({ 1: { calls: 500, ms: 10 }, 2: { calls: 700, ms: 12 } }, 1);
    await counted({ 2: { calls: 300, ms: 40 } }, 2);
    const ended = await turn(EVERY_MS);
    expect(ended.state).toBe("rolled_back");
    expect(ended.log.at(-1)?.text).toMatch(/p99 is \d+(\.\d)? ms, 4(\.\d)? times the .* allows 1\.5 times/);
    expect(await shares()).toBe("1=100");
  }));

test("what was counted before the canary began is not held against it, nor what other steps counted", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx);
    await count(ctx, endpoint, { 2: { calls: 1_000, errors: 900 } });
    await makeRollout(member, endpoint, { every_ms: EVERY_MS });
    await count(ctx, endpoint, { 2: { calls: 1_200, errors: 901 } });
    ctx.clock.advance(EVERY_MS);
    await advanceRollouts(ctx);
    expect((await newestRollout(ctx, endpoint)).step).toBe(1);
    await advanceRollouts(ctx);
    expect((await newestRollout(ctx, endpoint)).waitsFor).toBe("0 of 100 calls that it is judged by");
  }));

test("a paused one does not move, and is still taken back when it breaks the rule; resumed, its step begins anew", () =>
  withRollback(async (db) => {
    const { turn, counted, steer, shares } = await begin(db);
    await counted({ 2: { calls: 150 } });
    await steer("pause");
    await steer("pause");
    expect(await turn(10 * EVERY_MS)).toMatchObject({ state: "paused", step: 0 });
    await steer("resume");
    expect(await turn()).toMatchObject({
      state: "running",
      step: 0,
      waitsFor: expect.stringContaining("0 of 100"),
    });
    await steer("pause");
    await counted({ 2: { calls: 300, errors: 150 } });
    expect((await turn()).state).toBe("rolled_back");
    expect(await shares()).toBe("1=100");
    await expect(steer("resume")).rejects.toMatchObject({ code: "not_found" });
  }));

test("a canary whose model is loaded again is waited for; one that is given up is taken back", () =>
  withRollback(async (db) => {
    const { turn, counted, versions, shares } = await begin(db);
    await counted({ 2: { calls: 150 } });
    await versions[1]?.says({ state: "ended", exit_code: 1, final_seq: 0 });
    await versions[1]?.moved();
    const lost = await turn();
    expect([lost.state, lost.waitsFor]).toEqual(["running", expect.stringContaining("loaded again")]);
    const given = { state: "failed" as const, failure: "It ended five times in half an hour." };
    await db.transaction((tx) => updateBinding(tx, versions[1]?.id ?? "", given));
    const ended = await turn();
    expect([ended.state, ended.log.at(-1)?.text]).toEqual([
      "rolled_back",
      expect.stringContaining("model has ended"),
    ]);
    expect(await shares()).toMatch(/^1=/);
  }));

test("shares of several versions come back as they were", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx, 3);
    await setShares(member, endpoint, "1=60 2=40");
    await makeRollout(member, endpoint, { version: 3, steps: [10, 100] });
    expect(await sharesAtGateways(ctx, endpoint)).toBe("1=54 2=36 3=10");
    await count(ctx, endpoint, { 3: { calls: 10, errors: 10 } });
    await advanceRollouts(ctx);
    expect(await sharesAtGateways(ctx, endpoint)).toBe("1=60 2=40");
  }));

test("as a shadow first: it gets copies until enough agree, then its first share", () =>
  withRollback(async (db) => {
    const { ctx, endpoint, turn, counted, shares } = await begin(db, {
      shadow_calls: 100,
      min_agreement: 0.95,
    });
    expect(await shares()).toBe("1=1");
    const shadowOf = async () => (await routesOf(ctx, endpoint)).bindings[1]?.shadow?.percent;
    expect(await shadowOf()).toBe(100);
    await counted({ 2: { calls: 0, shadow: { compared: 60, agreed: 58 } } });
    expect((await turn(EVERY_MS)).waitsFor).toBe("60 of 100 answers to compare");
    await counted({ 2: { calls: 0, shadow: { compared: 100, agreed: 96 } } });
    expect((await turn()).step).toBe(0);
    expect([await shares(), await shadowOf()]).toEqual(["1=95 2=5", undefined]);
  }));

test("a shadow that disagrees too often never gets a share", () =>
  withRollback(async (db) => {
    const { turn, counted, shares } = await begin(db, { shadow_calls: 100, min_agreement: 0.95 });
    await counted({ 2: { calls: 0, shadow: { compared: 20, agreed: 14, failed: 2 } } });
    const ended = await turn();
    expect(ended.log.at(-1)?.text).toContain(
      "14 of 20 answers agree (2 it did not give); the rule wants 95 %",
    );
    expect([ended.state, await shares()]).toEqual(["rolled_back", "1=1"]);
  }));
