import { type Id, nodeUsageSchema, type SessionNotice, type SessionState } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { findSession, isEnded, noticeAttempt } from "../../sessions/index.ts";
import { findIdleGpus, type IdleLimits } from "./idle-gpus.ts";
import { type Finding, judge } from "./judge.ts";
import { findLeaks } from "./leaks.ts";
import { findLowCredit } from "./low-credit.ts";
import { findStalls } from "./stalls.ts";
import {
  type AlertRow,
  clearAlert,
  forgetAlerts,
  insertAlerts,
  nodesHeard,
  openAlerts,
  raiseAlert,
} from "./store.ts";

/** What a node said longer ago says nothing about now. */
const FRESH_MS = 30_000;

export interface WatchLimits {
  /** how long a session may do nothing */
  stallMs: number;
  idleGpus: IdleLimits;
}

/**
 * Looks for sessions that do nothing or leave their GPUs idle, for teams whose credit runs out and for what is left on
 * nodes, and tells of it once, and once when it is over. Done once a minute by one hub; by two at once it would do no harm.
 */
export async function watchForTrouble(ctx: Context, limits: WatchLimits): Promise<void> {
  const now = ctx.clock.now();
  const heard = (await nodesHeard(ctx.db, new Date(now.getTime() - FRESH_MS))).flatMap((node) => {
    const usage = nodeUsageSchema.safeParse(node.usage).data;
    return usage ? [{ ...node, usage }] : [];
  });
  const usages = new Map(heard.map(({ id, usage }) => [id, usage]));
  const stalls = await findStalls(ctx, usages, limits.stallMs);
  const findings = [
    ...stalls,
    ...(await findIdleGpus(ctx, limits.idleGpus, new Set(stalls.map(({ subject }) => subject)))),
    ...(await findLowCredit(ctx)),
    ...(await findLeaks(ctx, heard)),
  ];
  const isSilent = (nodeId: string) => !usages.has(nodeId);

  await ctx.db.transaction(async (tx) => {
    const { begin, forget } = judge(await openAlerts(tx), findings, isSilent, now);
    await forgetAlerts(
      tx,
      forget.map(({ id }) => id),
    );
    await insertAlerts(
      tx,
      begin.map((finding) => rowOf(ctx, finding, now)),
    );
    // What need not last is told at once, so this is judged after it has begun.
    const { raise, clear } = judge(await openAlerts(tx), findings, isSilent, now);
    for (const { alert, finding } of raise) await tellRaised(ctx, tx, alert, finding);
    for (const alert of clear) await tellCleared(ctx, tx, alert);
  });
}

const MAX_TEXT = 1000;

function rowOf(ctx: Context, { lastsMs: _, ...finding }: Finding, now: Date) {
  return { id: ctx.ids.next("alert"), ...finding, firstSeenAt: now };
}

async function tellRaised(ctx: Context, tx: Tx, alert: AlertRow, { text }: Finding): Promise<void> {
  if (!(await raiseAlert(tx, alert.id, text, ctx.clock.now()))) return;
  if (isNoticed(alert)) await noticeAttempt(ctx, tx, alert.subject, { kind: alert.kind, text });
  await emit(ctx, tx, { type: "alert.raised", ...factsOf(alert), text: text.slice(0, MAX_TEXT) });
}

async function tellCleared(ctx: Context, tx: Tx, alert: AlertRow): Promise<void> {
  if (!(await clearAlert(tx, alert.id, ctx.clock.now()))) return;
  if (isNoticed(alert)) await noticeAttempt(ctx, tx, alert.subject, null);
  const session = alert.sessionId ? await findSession(tx, { id: alert.sessionId }) : null;
  const text = session
    ? `${session.name} ${howItGoesOn(alert, session.state)}.`
    : (OVER[alert.kind] ?? `No longer so: ${alert.text}`);
  await emit(ctx, tx, { type: "alert.cleared", ...factsOf(alert), text: text.slice(0, MAX_TEXT) });
}

/** What is wrong with a session shows with it and in its log, too. */
function isNoticed(alert: AlertRow): alert is AlertRow & Pick<SessionNotice, "kind"> {
  return alert.kind === "session.stalled" || alert.kind === "session.idle_gpus";
}

const GOES_ON: Partial<Record<AlertRow["kind"], string>> = {
  "session.idle_gpus": "uses its GPUs again",
};
function howItGoesOn({ kind }: AlertRow, state: SessionState): string {
  if (state === "running") return GOES_ON[kind] ?? "goes on";
  return isEnded(state) ? `has ended (${state})` : `is ${state}`;
}

const OVER: Partial<Record<AlertRow["kind"], string>> = {
  "credits.low": "Your team's credit is enough again for what runs.",
};

const factsOf = (alert: AlertRow) => ({
  alert_id: alert.id as Id<"alert">,
  alert: alert.kind,
  team_id: alert.teamId as Id<"team"> | null,
});
