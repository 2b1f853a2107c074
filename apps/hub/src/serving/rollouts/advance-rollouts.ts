import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { type BindingRow, bindingsOf, type EndpointRow, lockEndpoint, updateBinding } from "../store.ts";
import { applyShares } from "../traffic/apply-shares.ts";
import { sharesWith } from "../traffic/shares.ts";
import { totalsOf } from "../versions/store.ts";
import { NOTHING, type Totals } from "../versions/totals.ts";
import { endRollout } from "./end-rollout.ts";
import { type Evidence, judge, judgeShadow, sumOf, type Verdict } from "./judge.ts";
import { logOf } from "./log.ts";
import type { Snapshot } from "./schema.ts";
import { endpointsInRollout, lockLiveRollout, type RolloutRow, updateRollout } from "./store.ts";

/**
 * Judges every canary that is under way, and moves it on, back, or not. Each is one transaction under the endpoint's
 * lock that reads all it decides by: a crash at any line leaves the canary where it was, and a second turn, of this hub
 * or another, finds what is true then. One that fails does not hold up the others.
 */
export async function advanceRollouts(ctx: Context): Promise<void> {
  for (const { endpoint } of await endpointsInRollout(ctx.db)) {
    try {
      await ctx.db.transaction((tx) => advance(ctx, tx, endpoint));
    } catch (error) {
      ctx.log.error(
        { err: error, endpoint: endpoint.name },
        "a canary could not be judged; it is tried again",
      );
    }
  }
}

async function advance(ctx: Context, tx: Tx, endpoint: EndpointRow): Promise<void> {
  await lockEndpoint(tx, endpoint.id);
  const rollout = await lockLiveRollout(tx, endpoint.id);
  if (!rollout) return;
  const rows = await bindingsOf(tx, endpoint.id);
  const row = rows.find(({ id }) => id === rollout.bindingId);
  if (!row || row.state === "failed" || row.state === "stopped" || row.state === "draining") {
    const why = `Its model has ended: ${row?.failure ?? "its process was stopped."}`;
    return endRollout(ctx, tx, endpoint, rollout, "rolled_back", why);
  }
  const now = await totalsOf(
    tx,
    rows.map(({ id }) => id),
  );
  const evidence = evidenceOf(rollout, rows, now);
  const verdict = rollout.step < 0 ? judgeShadow(rollout, evidence) : judge(rollout, evidence);
  if (verdict.is === "breach") return endRollout(ctx, tx, endpoint, rollout, "rolled_back", verdict.why);
  const wait = whatItWaitsFor(ctx, rollout, row, verdict);
  if (wait === null) return moveOn(ctx, tx, endpoint, rollout, row, verdict.why, now);
  if (wait !== rollout.waitsFor) await updateRollout(tx, rollout.id, { waitsFor: wait });
}

function evidenceOf(rollout: RolloutRow, rows: readonly BindingRow[], now: Snapshot): Evidence {
  const canary = rollout.bindingId;
  const peers = rows.filter(({ version }) => rollout.before.some((share) => share.version === version));
  const of = (snapshot: Snapshot, id: string): Totals => snapshot[id] ?? NOTHING;
  const all = (snapshot: Snapshot) => sumOf(peers.map(({ id }) => of(snapshot, id)));
  return {
    canary: { now: of(now, canary), atStep: of(rollout.atStep, canary) },
    before: { now: all(now), atStep: all(rollout.atStep), atStart: all(rollout.atStart) },
  };
}

/** Null: nothing, it may go on. */
function whatItWaitsFor(ctx: Context, rollout: RolloutRow, row: BindingRow, verdict: Verdict): string | null {
  if (rollout.state === "paused") return "somebody to resume it";
  if (row.state === "starting") return "its model, which is being loaded again";
  if (verdict.is === "wait") return verdict.why;
  if (rollout.step < 0) return null;
  const until = rollout.stepSince.getTime() + rollout.everyMs;
  return ctx.clock.now().getTime() < until ? `the step's end at ${new Date(until).toISOString()}` : null;
}

async function moveOn(
  ctx: Context,
  tx: Tx,
  endpoint: EndpointRow,
  rollout: RolloutRow,
  { version, id }: BindingRow,
  why: string,
  atStep: Snapshot,
): Promise<void> {
  const step = rollout.step + 1;
  const percent = rollout.steps[step];
  if (percent === undefined)
    return endRollout(
      ctx,
      tx,
      endpoint,
      rollout,
      "promoted",
      `Version ${version} has all of the traffic: ${why}.`,
    );
  if (rollout.step < 0) await updateBinding(tx, id, { shadowPercent: 0 });
  const shares = sharesWith(version, percent, rollout.before);
  await applyShares(ctx, tx, endpoint, { shares, cause: "canary", note: why, evenStarting: true });
  await updateRollout(tx, rollout.id, {
    step,
    stepSince: ctx.clock.now(),
    atStep,
    waitsFor: null,
    log: logOf(ctx, rollout, `${percent} %, because: ${why}.`),
  });
}
