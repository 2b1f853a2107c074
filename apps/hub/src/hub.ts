import { createIds } from "@podium/shared";
import type { Logger } from "pino";
import { bootstrapAdmin, createAuth, createIdentifier } from "./accounts/index.ts";
import * as accountTables from "./accounts/schema.ts";
import { createApp } from "./app.ts";
import { competitionJobs, runClock } from "./competitions/index.ts";
import type { Env } from "./env.ts";
import { leaderboardJobs } from "./leaderboards/index.ts";
import { notificationJobs } from "./notifications/index.ts";
import { createFolderStore } from "./platform/blob-store.ts";
import { type Clock, systemClock } from "./platform/clock.ts";
import type { Context } from "./platform/context.ts";
import { assertReachable, migrate, openDatabase } from "./platform/database.ts";
import { runAsLeader } from "./platform/leader.ts";
import { listenLive } from "./platform/live.ts";
import { createMetrics } from "./platform/metrics.ts";
import { createQueues } from "./platform/queue.ts";
import { runRelay } from "./platform/relay.ts";
import { random32 } from "./platform/secrets.ts";
import { startSubscribers } from "./platform/subscribers.ts";
import { createScorerPool, scoringJobs } from "./scoring/index.ts";
import { describeServing, replicaReported, servingJobs } from "./serving/index.ts";
import { createNodeLinks, expireLeases, meterSessions, placeSessions } from "./sessions/index.ts";
import * as teamTables from "./teams/schema.ts";
import { tuningJobs } from "./tuning/index.ts";

/** Leadership runs out this long after its last renewal: a standby takes over within it. */
const LEADER_TTL_MS = 4_000;
const SWEEP_MS = 1_000;

/** Puts a hub together from its configuration: database, queue, workers, HTTP. The only wiring there is. */
export async function startHub(env: Env, log: Logger, clock: Clock = systemClock) {
  const database = openDatabase(env.DATABASE_URL);
  await assertReachable(database, env.DATABASE_URL);
  await migrate(env.DATABASE_URL);

  const publicUrl = env.PODIUM_PUBLIC_URL ?? `http://${env.PODIUM_HUB_HOST}:${env.PODIUM_HUB_PORT}`;
  const ids = createIds(() => clock.now().getTime(), random32);
  const ctx: Context = {
    actor: { kind: "system" },
    db: database.db,
    clock,
    ids,
    blobs: createFolderStore(env.PODIUM_DATA),
    log,
    settings: { publicUrl, secret: env.PODIUM_SECRET, leaseMs: env.PODIUM_LEASE_MS },
  };
  const {
    users: user,
    logins: session,
    credentials: account,
    verifications: verification,
    apiTokens: apikey,
  } = accountTables;
  const { teams: organization, members: member, invitations: invitation } = teamTables;
  const schema = { user, session, account, verification, apikey, organization, member, invitation };
  const auth = createAuth({ db: database.db, ids, secret: env.PODIUM_SECRET, publicUrl, schema });
  const identifier = createIdentifier(database.db, auth, clock);
  if (env.PODIUM_ADMIN_EMAIL && env.PODIUM_ADMIN_PASSWORD) {
    await bootstrapAdmin(ctx, auth, { email: env.PODIUM_ADMIN_EMAIL, password: env.PODIUM_ADMIN_PASSWORD });
  }

  const metrics = createMetrics();
  const live = await listenLive(database.sql, log);
  const links = createNodeLinks(ctx, describeServing, { replica: replicaReported });
  const scorer = createScorerPool({ size: 2, timeoutMs: 600_000, memoryBytes: 1024 ** 3 });
  const queues = createQueues({
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    log,
    onDead: (queue) => metrics.deadJobs.inc({ queue }),
  });
  const subscribers = [
    ...tuningJobs,
    ...competitionJobs,
    ...servingJobs,
    ...scoringJobs(scorer),
    ...leaderboardJobs,
    ...notificationJobs,
  ];
  startSubscribers(ctx, queues, subscribers, { events: 8, scoring: 2 });
  const relay = runRelay(ctx, queues, subscribers);

  const holder = ids.next("event").slice(4);
  let leadingSince: number | null = null;
  const scheduler = runAsLeader(
    ctx,
    { name: "scheduler", holder, everyMs: SWEEP_MS, ttlMs: LEADER_TTL_MS },
    async (leadership) => {
      leadingSince ??= clock.now().getTime();
      metrics.leader.set(1);
      await placeSessions(ctx, leadership);
      await meterSessions(ctx);
      await runClock(ctx);
      // Nodes could not report while no hub ran: they get one lease's time before they count as silent.
      if (clock.now().getTime() - leadingSince > env.PODIUM_LEASE_MS) await expireLeases(ctx);
    },
  );
  const unsubscribe = live.subscribe((event) => {
    relay.wake();
    links.react(event);
    if (["session.queued", "session.ended", "node.changed"].includes(event.type)) scheduler.wake();
  });

  const isReady = () =>
    database.sql`select 1`.then(
      () => true,
      () => false,
    );
  const app = createApp({
    ctx,
    auth,
    identifier,
    live,
    links,
    metrics,
    gatewayToken: env.PODIUM_GATEWAY_TOKEN,
    joinToken: env.PODIUM_JOIN_TOKEN,
    webDist: env.PODIUM_WEB_DIST,
    isReady,
  });

  return {
    app,
    ctx,
    /** Hands work back: leadership first, then jobs finish, then connections close. */
    async stop() {
      unsubscribe();
      await scheduler.stop();
      await links.closeAll();
      await relay.stop();
      await queues.close();
      await scorer.close();
      await live.close();
      await database.close();
    },
  };
}
