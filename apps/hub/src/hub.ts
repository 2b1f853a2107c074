import { join } from "node:path";
import { createIds } from "@podium/shared";
import { createPost } from "@podium/webhooks";
import type { Logger } from "pino";
import { bootstrapAdmin, createAuth, createIdentifier } from "./accounts/index.ts";
import * as accountTables from "./accounts/schema.ts";
import { createApp } from "./app.ts";
import { startDuties } from "./duties.ts";
import { type Env, mailSettingsOf, monitorSettingsOf, s3Of } from "./env.ts";
import { startMonitor } from "./monitoring/index.ts";
import { createMailer, PATIENT_QUEUES, type Senders, startForgetting } from "./notifications/index.ts";
import { describeApi } from "./openapi.ts";
import { createAttemptLimiter } from "./platform/attempt-limiter.ts";
import { type Clock, systemClock } from "./platform/clock.ts";
import type { Context } from "./platform/context.ts";
import { assertReachable, type Database, migrate, openDatabase } from "./platform/database.ts";
import { agreeOnTime } from "./platform/database-clock.ts";
import { createDrain } from "./platform/drain.ts";
import { assertWritable, createFolderStore } from "./platform/folder-store.ts";
import { listenLive } from "./platform/live.ts";
import { createMetrics, type Metrics } from "./platform/metrics.ts";
import { createQueues } from "./platform/queue.ts";
import { assertRedisReachable } from "./platform/redis.ts";
import { runRelay } from "./platform/relay.ts";
import { assertBucket, createS3Store } from "./platform/s3-store.ts";
import { random32 } from "./platform/secrets.ts";
import { startSubscribers } from "./platform/subscribers.ts";
import { createScorerPool } from "./scoring/index.ts";
import { describeServing, replicaReported, startTrafficDuty } from "./serving/index.ts";
import { createExchange, createNodeLinks } from "./sessions/index.ts";
import { subscriptions } from "./subscriptions.ts";
import * as teamTables from "./teams/schema.ts";

/** Attempts to log in are counted over this long. */
const ATTEMPTS_WINDOW_MS = 15 * 60_000;

/** A node that is connected dials in within a second or so; a shell that nobody uses is closed. */
const STREAM_TIMES = { waitMs: 15_000, idleMs: 15 * 60_000 };

/** Puts a hub together from its configuration: database, queue, workers, HTTP. The only wiring there is. */
export async function startHub(env: Env, log: Logger, own: Clock = systemClock) {
  await assertWritable(env.PODIUM_DATA);
  const s3 = s3Of(env);
  if (s3) await assertBucket(s3);
  const database = await openReachable(env);
  const clock = await agreeOnTime(database.sql, own, log);
  if (env.REDIS_URL) await assertRedisReachable(env.REDIS_URL);
  const ctx = openContext(env, database, log, clock);
  const auth = openAuth(env, ctx);
  await makeAdmin(env, ctx, auth);

  const metrics = createMetrics();
  const live = await listenLive(env.DATABASE_URL, log);
  const links = createNodeLinks(ctx, describeServing, { replica: replicaReported });
  const exchange = createExchange(STREAM_TIMES);
  const senders = openSenders(env, log);
  const work = startWork(env, ctx, metrics, senders);
  const duties = startDuties(ctx, metrics);
  const monitorSettings = monitorSettingsOf(env);
  const others = [startMonitor(ctx, monitorSettings), startForgetting(ctx), startTrafficDuty(ctx)];
  const unsubscribe = live.subscribe((event) => {
    work.relay.wake(event);
    void links.react(event);
    duties.react(event);
  });

  const drain = createDrain();
  const app = createApp({
    ctx,
    auth,
    identifier: createIdentifier(database.db, auth, clock),
    live,
    links,
    exchange,
    metrics,
    attempts: createAttemptLimiter(clock, ATTEMPTS_WINDOW_MS),
    drain,
    gatewayToken: env.PODIUM_GATEWAY_TOKEN,
    joinToken: env.PODIUM_JOIN_TOKEN,
    trustProxy: env.PODIUM_TRUST_PROXY,
    webDist: env.PODIUM_WEB_DIST,
    kept: monitorSettings.kept,
    notifications: {
      sendsMail: senders.mailer !== null,
      post: senders.post,
      allowPrivate: env.PODIUM_WEBHOOKS_PRIVATE,
    },
    isReady: () => database.sql`select 1`.then(Boolean, () => false),
    describe: describeApi,
  });

  return {
    app,
    ctx,
    /** Resolves when the writes that have begun are answered, at the latest after this long. */
    drain: (withinMs: number) => drain.finished(withinMs),
    /** Hands work back: leadership first, then jobs finish, then connections close. */
    async stop() {
      unsubscribe();
      await Promise.all([duties, ...others].map((duty) => duty.stop()));
      exchange.closeAll();
      await links.closeAll();
      await work.stop();
      await live.close();
      clock.stop();
      await database.close();
    },
  };
}

async function makeAdmin(env: Env, ctx: Context, auth: ReturnType<typeof openAuth>) {
  const { PODIUM_ADMIN_EMAIL: email, PODIUM_ADMIN_PASSWORD: password } = env;
  if (email && password) await bootstrapAdmin(ctx, auth, { email, password });
}

async function openReachable(env: Env): Promise<Database> {
  const database = openDatabase(env.DATABASE_URL);
  await assertReachable(database, env.DATABASE_URL);
  await migrate(env.DATABASE_URL);
  return database;
}

function openContext(env: Env, database: Database, log: Logger, clock: Clock): Context {
  const s3 = s3Of(env);
  const publicUrl = env.PODIUM_PUBLIC_URL ?? `http://${env.PODIUM_HUB_HOST}:${env.PODIUM_HUB_PORT}`;
  return {
    actor: { kind: "system" },
    db: database.db,
    clock,
    ids: createIds(() => clock.now().getTime(), random32),
    blobs: s3 ? createS3Store(s3, log) : createFolderStore(env.PODIUM_DATA),
    log,
    settings: {
      publicUrl,
      secret: env.PODIUM_SECRET,
      leaseMs: env.PODIUM_LEASE_MS,
      inferWaitMs: env.PODIUM_INFER_WAIT_HOURS * 3_600_000,
      localFolder: join(env.PODIUM_DATA, "local"),
    },
  };
}

/** better-auth's tables are spread over two domains, so they meet here. */
function openAuth(env: Env, { db, ids, log, settings }: Context) {
  const schema = {
    user: accountTables.users,
    session: accountTables.logins,
    account: accountTables.credentials,
    verification: accountTables.verifications,
    apikey: accountTables.apiTokens,
    organization: teamTables.teams,
    member: teamTables.members,
    invitation: teamTables.invitations,
  };
  return createAuth({ db, ids, secret: env.PODIUM_SECRET, publicUrl: settings.publicUrl, log, schema });
}

/** How people are told: by mail where a server is named, and by webhooks. */
function openSenders(env: Env, log: Logger): Senders {
  const mail = mailSettingsOf(env);
  if (!mail) log.info("no mail is sent: SMTP_URL and PODIUM_MAIL_FROM are not set");
  return {
    mailer: mail ? createMailer(mail) : null,
    post: createPost({ allowPrivate: env.PODIUM_WEBHOOKS_PRIVATE }),
  };
}

/** The queue, its workers, and the relay that fills it from the outbox. */
function startWork(env: Env, ctx: Context, metrics: Metrics, senders: Senders) {
  const scorer = createScorerPool({ size: 2, timeoutMs: 600_000, memoryBytes: 1024 ** 3 });
  const queues = createQueues({
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    log: ctx.log,
    attempts: PATIENT_QUEUES,
    onDead: (queue) => metrics.deadJobs.inc({ queue }),
  });
  const subscribers = subscriptions(scorer, senders);
  startSubscribers(ctx, queues, subscribers, { events: 8, scoring: 2, boards: 4, mail: 2, webhooks: 8 });
  const relay = runRelay(ctx, queues, subscribers);
  return {
    relay,
    async stop() {
      await relay.stop();
      await queues.close();
      await scorer.close();
    },
  };
}
