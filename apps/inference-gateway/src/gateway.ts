import { createIds } from "@podium/shared";
import type { Clock } from "./clock.ts";
import { openDataFolder } from "./data-folder.ts";
import type { Env } from "./env.ts";
import { serveHttp } from "./http-server.ts";
import type { Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import type { Desk } from "./protocol/desk.ts";
import { HeldJobs } from "./protocol/held/held-jobs.ts";
import { createApp } from "./protocol/routes.ts";
import { findBinding } from "./replicas/accept-replica.ts";
import { Replica } from "./replicas/replica.ts";
import { HubFollower } from "./routing/follow-hub.ts";
import { HeartbeatSender } from "./routing/heartbeat.ts";
import { HubClient } from "./routing/hub-client.ts";
import { LoadReporter } from "./routing/report-load.ts";
import { Routes } from "./routing/routes.ts";
import { TableFile } from "./routing/table-file.ts";
import { UsageSender } from "./usage/send-usage.ts";
import { UsageCounter } from "./usage/usage-counter.ts";
import { UsageLog } from "./usage/usage-log.ts";

/** How late a call may learn that its time is up. */
const SWEEP_EVERY_MS = 50;
/** At most so much of the calls' count is lost when the process is killed. */
const FLUSH_USAGE_EVERY_MS = 2_000;
const DRAIN_WITHIN_MS = 10_000;

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
  /** Takes nothing new, answers what it has within ten seconds, hands usage over, lets the replicas go. */
  stop(): Promise<void>;
}

/** Starts a gateway. Throws a readable error when its folder or its address can't be used. */
export async function startGateway(env: Env, dependencies: Dependencies): Promise<Gateway> {
  const { clock, log } = dependencies;
  const state = await openState(env, dependencies);
  const { desk, follower, folder, hub, routes, usage, usageLog } = state;
  const replicas = new Set<Replica>();
  const server = listen(env, state, replicas, () => routes.version !== null || heartbeat.acknowledged);
  desk.keepOpen = (request) => server.timeout(request, 0);

  const address = `${hostInUrl(env.PODIUM_GATEWAY_HOST)}:${server.port}`;
  const heartbeat = new HeartbeatSender(
    hub,
    {
      gateway_id: folder.gatewayId,
      replica_url: env.PODIUM_GATEWAY_REPLICA_URL ?? `ws://${address}`,
      public_url: env.PODIUM_GATEWAY_PUBLIC_URL ?? `http://${address}`,
    },
    log,
  );
  const usageSender = new UsageSender(usage, usageLog, hub, log);
  usageSender.start(FLUSH_USAGE_EVERY_MS);
  const reporter = new LoadReporter({ hub, gatewayId: folder.gatewayId, routes, replicas, clock, log });
  routes.onHeld = () => reporter.wake();
  const background = [follower.run(), heartbeat.run(), reporter.run()];
  const sweeper = setInterval(() => {
    sweep(routes, replicas, clock.elapsedMs());
    reporter.sample();
  }, SWEEP_EVERY_MS);
  log.info(
    { url: `http://${address}`, gateway: folder.gatewayId, version: routes.version },
    "The gateway listens.",
  );

  const stop = async () => {
    desk.stopping = true;
    heartbeat.stop();
    reporter.stop();
    follower.stop();
    void server.stop();
    await drained(desk);
    clearInterval(sweeper);
    for (const replica of replicas) replica.dismiss();
    await Promise.all([usageSender.stop(), ...background]);
    await server.stop(true);
    folder.release();
    log.info("The gateway has stopped.");
  };
  let stopping: Promise<void> | null = null;
  return {
    url: `http://${address}`,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

type State = Awaited<ReturnType<typeof openState>>;

/** Everything that outlasts a connection: what is on disk, and the tables made from it. */
async function openState(env: Env, { clock, log, random, random32 }: Dependencies) {
  const ids = createIds(() => clock.now().getTime(), random32);
  const folder = await openDataFolder(env.PODIUM_GATEWAY_DATA, () => ids.next("gateway"));
  const hub = new HubClient(env.HUB_URL, env.PODIUM_GATEWAY_TOKEN);
  const usage = new UsageCounter();
  const usageLog = await UsageLog.open(folder.path, folder.gatewayId);
  const routes = new Routes(clock, usage, random);
  const follower = new HubFollower(hub, routes, new TableFile(folder.path), clock, random, log);
  await follower.loadFromDisk();
  const desk: Desk = {
    routes,
    clock,
    log,
    stopping: false,
    open: 0,
    keepOpen: () => {},
    jobs: new HeldJobs(clock, random32),
    logAccess: log.isLevelEnabled("debug")
      ? (endpoint, status, ms) => log.debug({ endpoint, status, ms }, "answered")
      : null,
  };
  return { folder, hub, usage, usageLog, routes, follower, desk };
}

function listen(env: Env, state: State, replicas: Set<Replica>, knowsRoutes: () => boolean) {
  const { desk, follower, routes, usageLog } = state;
  const registry = createMetrics(desk, () => usageLog.pending.length);
  return serveHttp({
    host: env.PODIUM_GATEWAY_HOST,
    port: env.PODIUM_GATEWAY_PORT,
    desk,
    app: createApp(desk, {
      isReady: () => !desk.stopping && knowsRoutes(),
      metrics: () => registry.metrics(),
      metricsType: registry.contentType,
    }),
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
