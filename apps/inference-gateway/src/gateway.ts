import { createIds } from "@podium/shared";
import { BodyMemory } from "./admission/body-memory.ts";
import { callerAddress } from "./admission/caller-address.ts";
import type { Clock } from "./clock.ts";
import { openDataFolder } from "./data-folder.ts";
import type { Env } from "./env.ts";
import { FiguresFile } from "./figures/figures-file.ts";
import { Minutes } from "./figures/minutes.ts";
import { FiguresSender } from "./figures/send-figures.ts";
import { serveHttp } from "./http-server.ts";
import { JobRequest } from "./jobs/job-request.ts";
import { openJobs } from "./jobs/open-jobs.ts";
import { Fleet } from "./limits/fleet.ts";
import { KeyBook } from "./limits/key-book.ts";
import type { Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { openWatch } from "./observing/open-watch.ts";
import type { Desk } from "./protocol/desk.ts";
import { createApp } from "./protocol/routes.ts";
import { Readiness } from "./readiness.ts";
import { findBinding } from "./replicas/accept-replica.ts";
import { Replica } from "./replicas/replica.ts";
import { HubFollower } from "./routing/follow-hub.ts";
import { HeartbeatSender } from "./routing/heartbeat.ts";
import { HubClient } from "./routing/hub-client.ts";
import { NewsFile } from "./routing/news-file.ts";
import { LoadReporter } from "./routing/report-load.ts";
import { Routes } from "./routing/routes.ts";
import { TableFile } from "./routing/table-file.ts";
import { Shadows } from "./shadow/shadows.ts";
import { UsageSender } from "./usage/send-usage.ts";
import { UsageCounter } from "./usage/usage-counter.ts";
import { UsageLog } from "./usage/usage-log.ts";
import { VersionReporter } from "./versions/report-versions.ts";

/** How late a call may learn that its time is up. */
const SWEEP_EVERY_MS = 50;
/** A power failure loses at most so much of the calls' count; the end of the process loses none. */
const FLUSH_USAGE_EVERY_MS = 2_000;
const LOOK_AT_JOBS_EVERY_MS = 1_000;
const DRAIN_WITHIN_MS = 10_000;
const REPORT_VERSIONS_EVERY_MS = 2_000;

export interface Dependencies {
  clock: Clock;
  log: Log;
  /** uniform in [0, 1) */
  random: () => number;
  /** uniform unsigned 32-bit integers, for the gateway's id */
  random32: () => number;
}

export interface Gateway {
  /** where it listens, such as http://127.0.0.1:7401 */
  url: string;
  /**
   * Says that it is no longer ready and answers on for the time that others need to see it. Then takes nothing new,
   * answers what it has within ten seconds, hands usage over, lets the replicas go. A second call ends the first wait.
   */
  stop(): Promise<void>;
  /** Goes on in a new access log: the old one was moved away. */
  reopenLog(): void;
}

/** Starts a gateway. Throws a readable error when its folder or its address can't be used. */
export async function startGateway(env: Env, dependencies: Dependencies): Promise<Gateway> {
  const { clock, log } = dependencies;
  const state = await openState(env, dependencies);
  const { desk, follower, folder, hub, keys, routes, watching } = state;
  const replicas = new Set<Replica>();
  const readiness = new Readiness(env, clock, routes, () => heartbeat.acknowledged);
  const server = listen(env, state, replicas, () => readiness.isReady);
  desk.keepOpen = (request) => {
    if (!(request instanceof JobRequest)) server.timeout(request, 0);
  };
  const addressOf = callerAddress(env.PODIUM_GATEWAY_TRUSTED_PROXIES);
  desk.addressOf = (request) =>
    addressOf(server.requestIP(request)?.address ?? "", request.headers.get("x-forwarded-for"));

  const address = `${hostInUrl(env.PODIUM_GATEWAY_HOST)}:${server.port}`;
  const heartbeat = new HeartbeatSender(
    hub,
    {
      gateway_id: folder.gatewayId,
      replica_url: env.PODIUM_GATEWAY_REPLICA_URL ?? `ws://${address}`,
      public_url: env.PODIUM_GATEWAY_PUBLIC_URL ?? `http://${address}`,
    },
    keys,
    state.news,
    log,
  );
  desk.jobs.settings.publicUrl ||= `http://${address}`;
  await desk.jobs.start(LOOK_AT_JOBS_EVERY_MS);
  const reports = startReports(state, replicas, dependencies);
  const background = [follower.run(), heartbeat.run(), reports.load.run()];
  const sweeper = setInterval(() => {
    sweep(routes, replicas, clock.elapsedMs());
    reports.load.sample();
  }, SWEEP_EVERY_MS);
  log.info(
    { url: `http://${address}`, gateway: folder.gatewayId, version: routes.version },
    "The gateway listens.",
  );

  const hurry = Promise.withResolvers<void>();
  const stop = async () => {
    // The hub goes on hearing of it: runners would hang up on a gateway that is silent.
    desk.draining = true;
    await Promise.race([Bun.sleep(env.PODIUM_GATEWAY_DRAIN_MS), hurry.promise]);
    desk.stopping = true;
    heartbeat.stop();
    reports.load.stop();
    follower.stop();
    void server.stop();
    await drained(desk);
    await desk.jobs.stop();
    clearInterval(sweeper);
    for (const replica of replicas) replica.dismiss();
    await Promise.all([reports.stop(), ...background]);
    await server.stop(true);
    await watching.close();
    folder.release();
    log.info("The gateway has stopped.");
  };
  let stopping: Promise<void> | null = null;
  return {
    url: `http://${address}`,
    reopenLog: watching.reopen,
    stop: () => {
      if (stopping) hurry.resolve();
      stopping ??= stop();
      return stopping;
    },
  };
}

/** What it tells the hub of its own accord, as long as it runs: the bill, what versions and endpoints did, and its load. */
function startReports(state: State, replicas: Set<Replica>, { clock, log }: Dependencies) {
  const { figures, folder, hub, keys, reporterIds, routes, usage, usageLog } = state;
  const bill = new UsageSender(usage, usageLog, hub, clock, log, (items) => keys.acknowledge(items));
  bill.start(FLUSH_USAGE_EVERY_MS);
  const versions = new VersionReporter(() => routes.bindings(), hub, reporterIds, log);
  versions.start(REPORT_VERSIONS_EVERY_MS);
  figures.start();
  const load = new LoadReporter({ hub, gatewayId: folder.gatewayId, routes, replicas, clock, log });
  routes.onHeld = () => load.wake();
  return { load, stop: () => Promise.all([bill.stop(), versions.stop(), figures.stop()]) };
}

type State = Awaited<ReturnType<typeof openState>>;

/** Everything that outlasts a connection: what is on disk, and the tables made from it. */
async function openState(env: Env, dependencies: Dependencies) {
  const { clock, log, random, random32 } = dependencies;
  const ids = createIds(() => clock.now().getTime(), random32);
  const folder = await openDataFolder(env.PODIUM_GATEWAY_DATA, () => ids.next("gateway"));
  const hub = new HubClient(env.HUB_URL, env.PODIUM_GATEWAY_TOKEN);
  const watching = await openWatch(env, folder.gatewayId, dependencies);
  const usageLog = await UsageLog.open(folder.path, folder.gatewayId);
  const usage = await UsageCounter.open(folder.path, usageLog);
  const fleet = new Fleet();
  const keys = new KeyBook(fleet, clock);
  for (const report of usageLog.pending) keys.remember(report.items);
  const routes = new Routes(clock, usage, keys, random);
  const follower = new HubFollower(hub, routes, new TableFile(folder.path), clock, random, log);
  await follower.loadFromDisk();
  const news = new NewsFile(folder.path);
  const known = await news.read();
  if (known) keys.apply(known);
  const jobs = await openJobs(env, folder, { clock, log, random32 }, routes, (request) =>
    desk.serve(request),
  );
  const minutes = new Minutes(routes);
  const file = new FiguresFile(folder.path);
  const figures = new FiguresSender(minutes, file, hub, folder.gatewayId, clock, log);
  const desk: Desk = {
    ...{ routes, clock, log, fleet, jobs },
    memory: new BodyMemory(env.PODIUM_GATEWAY_MEMORY_MIB * 1024 ** 2),
    shadows: new Shadows(clock, random),
    draining: false,
    stopping: false,
    open: 0,
    serve: () => new Response(null, { status: 503 }),
    keepOpen: () => {},
    addressOf: () => "",
    watch: watching.watch,
  };
  const reporterIds = { gateway_id: folder.gatewayId, run_id: ids.next("gateway") };
  const kept = { folder, usage, usageLog, keys, news, reporterIds };
  return { ...kept, hub, routes, follower, desk, watching, figures };
}

function listen(env: Env, state: State, replicas: Set<Replica>, knowsRoutes: () => boolean) {
  const { desk, follower, routes, usageLog } = state;
  const registry = createMetrics(desk, () => usageLog.pending.length);
  const app = createApp(desk, {
    isReady: () => !desk.draining && knowsRoutes(),
    metrics: () => registry.metrics(),
    metricsType: registry.contentType,
  });
  desk.serve = (request) => app.fetch(request);
  return serveHttp({
    host: env.PODIUM_GATEWAY_HOST,
    port: env.PODIUM_GATEWAY_PORT,
    desk,
    app,
    replicas,
    admitReplica: async (authorization) => {
      const { binding, tokenSha256 } = await findBinding(authorization, routes, () => follower.refresh());
      return new Replica(binding, tokenSha256, desk.clock, desk.log);
    },
  });
}

/** Ends the calls whose time is up; one pass over all of them is cheaper than a timer for each. */
function sweep(routes: Routes, replicas: Iterable<Replica>, now: number) {
  for (const binding of routes.bindings()) binding.sweep(now);
  for (const replica of replicas) replica.sweep(now);
}

/** Resolves when every call is answered, or when that has taken long enough. */
async function drained(desk: Desk) {
  const deadline = desk.clock.elapsedMs() + DRAIN_WITHIN_MS;
  while (desk.open > 0 && desk.clock.elapsedMs() < deadline) await Bun.sleep(10);
}

/** An address that listens everywhere is reached here by the loopback. */
function hostInUrl(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
