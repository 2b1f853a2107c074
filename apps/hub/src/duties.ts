import type { EventType, PodiumEvent } from "@podium/shared";
import { forgetLogins } from "./accounts/index.ts";
import { endAbandoned, treesOfCompetitions } from "./competitions/index.ts";
import {
  adoptOrphans,
  collectBlobs,
  collectPacks,
  collectTrees,
  sweepLocalFiles,
  treesOfDatasets,
} from "./data/index.ts";
import { FORGET_CONTEST } from "./forget-contest.ts";
import { computeDueIntervals, verifyBoards } from "./leaderboards/index.ts";
import { forgetJoinTokens } from "./nodes/index.ts";
import type { Context } from "./platform/context.ts";
import { runAsLeader } from "./platform/leader.ts";
import type { Metrics } from "./platform/metrics.ts";
import { sweepOld } from "./platform/retention.ts";
import { schedulerTurn } from "./scheduler-turn.ts";
import { treesOfScores } from "./scoring/index.ts";
import { scaleBindings } from "./serving/index.ts";
import { treesOfSessions } from "./sessions/index.ts";
import { forgetRemoved, treesOfCheckpoints } from "./tracking/index.ts";
import { treesOfStudies } from "./tuning/index.ts";

/** Leadership runs out this long after its last renewal: a standby takes over within it. */
const LEADER_TTL_MS = 3_000;
const SWEEP_MS = 1_000;
const AUTOSCALE_MS = 2_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What may let a session start that could not before, or, after a full turn, leaves more to place. */
const WAKES_SCHEDULER: ReadonlySet<EventType> = new Set([
  "session.queued",
  "session.placed",
  "session.ended",
  "node.changed",
]);

/** What may need more or fewer replicas than there are. */
const WAKES_AUTOSCALER: ReadonlySet<EventType> = new Set(["binding.changed", "routes.changed"]);

/** What one hub at a time does for all: the scheduler's turns, and keeping house once a day. */
export function startDuties(ctx: Context, metrics: Metrics) {
  const holder = ctx.ids.next("event").slice(4);
  let isStopping = false;
  const goesOn = () => !isStopping;
  const scheduler = runAsLeader(
    ctx,
    {
      name: "scheduler",
      holder,
      everyMs: SWEEP_MS,
      ttlMs: LEADER_TTL_MS,
      onTurn: (leads) => metrics.leader.set(leads ? 1 : 0),
    },
    schedulerTurn(ctx),
  );
  const pace = { everyMs: AUTOSCALE_MS, ttlMs: 3 * AUTOSCALE_MS };
  const autoscaler = runAsLeader(ctx, { name: "autoscaler", holder, ...pace }, () => scaleBindings(ctx));
  const housekeeping = runAsLeader(
    ctx,
    { name: "housekeeping", holder, everyMs: 24 * HOUR_MS, ttlMs: 23 * HOUR_MS },
    async () => {
      const removed = await sweepOld(ctx);
      await forgetLogins(ctx.db, ctx.clock.now());
      await forgetJoinTokens(ctx.db, ctx.clock.now());
      const records = await forgetRemoved(ctx, goesOn);
      const orphans = await adoptOrphans(ctx, goesOn);
      ctx.log.info({ ...removed, records, orphans }, "removed what is too old to be needed");
    },
  );
  const garbage = runAsLeader(
    ctx,
    { name: "garbage", holder, everyMs: 6 * HOUR_MS, ttlMs: 5 * HOUR_MS },
    () => collectGarbage(ctx, metrics, goesOn),
  );
  const boards = runAsLeader(
    ctx,
    { name: "leaderboards", holder, everyMs: 24 * HOUR_MS, ttlMs: 23 * HOUR_MS },
    async () => {
      const repaired = await verifyBoards(ctx);
      metrics.boardRowsRepaired.inc(repaired);
      ctx.log.info({ repaired }, "compared the leaderboards with their submissions");
    },
  );
  const intervals = runAsLeader(
    ctx,
    { name: "rank-intervals", holder, everyMs: 10 * MINUTE_MS, ttlMs: 9 * MINUTE_MS },
    () => computeDueIntervals(ctx),
  );
  // Of each hub's own folder, so no leader's work.
  const localFiles = setInterval(() => {
    sweepLocalFiles(ctx).catch((error: unknown) =>
      ctx.log.warn({ err: error }, "local copies were not swept"),
    );
  }, HOUR_MS);
  return {
    /** Cuts the scheduler's pause short when this event gives it something to do. */
    react: ({ type }: PodiumEvent) => {
      if (WAKES_SCHEDULER.has(type)) scheduler.wake();
      if (WAKES_AUTOSCALER.has(type)) autoscaler.wake();
    },
    async stop() {
      isStopping = true;
      clearInterval(localFiles);
      const duties = [scheduler, autoscaler, housekeeping, garbage, boards, intervals];
      await Promise.all(duties.map((duty) => duty.stop()));
    },
  };
}

/** Every query for trees that rows name: what none of them gives is garbage. */
export const namedTrees = () => [
  treesOfDatasets(),
  treesOfSessions(),
  treesOfCheckpoints(),
  treesOfStudies(),
  treesOfCompetitions(),
  treesOfScores(),
];

async function collectGarbage(ctx: Context, metrics: Metrics, goesOn: () => boolean): Promise<void> {
  await endAbandoned(ctx, FORGET_CONTEST);
  const trees = await collectTrees(ctx, namedTrees(), goesOn);
  const { blobs, bytes: alone } = await collectBlobs(ctx, goesOn);
  const { packs, bytes: packed, rewrittenBytes } = await collectPacks(ctx, goesOn);
  const bytes = alone + packed;
  metrics.collected.inc({ kind: "tree" }, trees);
  metrics.collected.inc({ kind: "blob" }, blobs);
  metrics.collected.inc({ kind: "pack" }, packs);
  metrics.collectedBytes.inc(bytes);
  ctx.log.info({ trees, blobs, packs, bytes, rewrittenBytes }, "removed the files that nothing names");
}
