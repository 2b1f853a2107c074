import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "./clock.ts";
import { FetchMeter } from "./data/fetch-meter.ts";
import { lockDataFolder } from "./data/lock.ts";
import { scrub } from "./data/scrub.ts";
import { DeviceClaims } from "./devices/claims.ts";
import { observeMachine } from "./devices/observe.ts";
import { Machine } from "./devices/usage.ts";
import { type Env, parseEnv } from "./env.ts";
import { chooseExecutors } from "./executors/choose.ts";
import { faultPointNamed, noFaultPoints } from "./fault-points.ts";
import { serveHealth } from "./health.ts";
import { waitFor } from "./hub/attempt-source.ts";
import { HubClient } from "./hub/client.ts";
import { ControlLink } from "./hub/control-link.ts";
import { identify } from "./hub/identity.ts";
import { createLog, type Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { openStores } from "./open-stores.ts";
import { removeWithMounts } from "./scratch/scratch.ts";
import { untilToldToStop } from "./shutdown.ts";
import { gangPlace } from "./supervision/gang.ts";
import { Streams } from "./supervision/streams.ts";
import { Supervisor } from "./supervision/supervisor.ts";

const EXIT_GRACE_MS = 3_000;
const EXIT_DRAIN_MS = 2_000;
/** A Docker daemon that is away confirms nothing: then the sessions are left to the next runner. */
const EXIT_CONFIRM_MS = 30_000;

/** Starts the runner and returns how to end it. Every error is one line that says what to do. */
async function start(given: Env, log: Log, stopping: AbortSignal, giveUp: (message: string) => void) {
  // The kernel knows mounts and open files by the real path alone.
  const data = await makeDataFolder(given.PODIUM_RUNNER_DATA);
  const env = { ...given, PODIUM_RUNNER_DATA: data };
  await lockDataFolder(data);
  await removeWithMounts(join(data, "tmp"));
  await mkdir(join(data, "tmp"), { mode: 0o700 });

  const [clock, random, metrics] = [systemClock, Math.random, createMetrics()];
  const { PODIUM_FAULT_POINT: faultPoint } = env;
  const faults = faultPoint ? faultPointNamed(faultPoint, log) : noFaultPoints;
  const executors = await chooseExecutors(env, faults, log);
  const identity = await identify(env, random, stopping, log);
  const limits = { cpu_milli: env.PODIUM_CPU_MILLI, memory_bytes: env.PODIUM_MEMORY_BYTES };
  const gangs = gangPlace(env, executors.chosen.name);
  if (gangs)
    log.warn({ ...gangs, network: env.PODIUM_GANG_NETWORK }, "members of gangs get this network here");
  const machine = await Machine.open(data, { ...limits, gangs, executor: executors.chosen.name }, clock);
  tellTroubles(machine, log);
  const shared = { env, clock, random, log, metrics, faults };
  const stores = await openStores(env, { ...shared, executors });
  const { trees, environments } = stores;
  const fetches = new FetchMeter(() => clock.elapsedMs());
  const hub = new HubClient(identity.hub_url, identity.node_token);
  const claims = new DeviceClaims();
  const context = { ...shared, ...stores, hub, fetches, executors, claims, machine };

  let link: ControlLink | null = null;
  const supervisor = new Supervisor(context, () => link?.poke());
  await supervisor.resume();
  // Only now is it known what must stay: what adopted attempts have mounted, and what has yet to be sent.
  trees.trim().catch((error) => log.error({ err: error }, "the cache could not be brought under its limit"));
  const scrubbing = scrub({
    ...stores,
    log,
    bytesPerSecond: env.PODIUM_SCRUB_BYTES_PER_S,
    stopped: stopping,
    sleep: waitFor,
  });
  const { hub_url: hubUrl, node_token: nodeToken } = identity;
  const streams = new Streams({ hubUrl, nodeToken, log, attempt: (id) => supervisor.attempt(id) });
  const opened = new ControlLink({
    hubUrl,
    nodeToken,
    clock,
    random,
    log,
    capacity: () => machine.capacity(),
    attempts: () => supervisor.reports(),
    status: async () => ({
      cached_trees: await trees.cached(),
      cached_environments: environments.cached(),
      cached_images: executors.chosen.images(),
      usage: { ...(await machine.usage()), fetch_bytes_per_second: fetches.bytesPerSecond },
    }),
    onSync: (sync) => {
      supervisor.reconcile(sync);
      streams.accept(sync.streams ?? []);
    },
    onConnected: (connected) => metrics.connected.set(connected ? 1 : 0),
    onRefused: giveUp,
  });
  link = opened;
  const { PODIUM_RUNNER_PORT: port } = env;
  const observe = async () => observeMachine(metrics, await machine.usage());
  const health = port ? serveHealth(port, metrics, () => opened.isConnected, observe) : null;
  log.info({ node_id: identity.node_id, data, capacity: machine.capacity() }, "the runner is up");

  return { supervisor, streams, link: opened, health, machine, environments, scrubbing };
}

/** GPUs that are broken now are offered to nobody: whoever misses them finds out why. */
function tellTroubles({ troubles }: Machine, log: Log) {
  for (const trouble of troubles)
    log.warn({ trouble }, "something is wrong with the GPUs; restart the runner when it is put right");
}

/** Makes it if need be; its path without links. */
async function makeDataFolder(data: string): Promise<string> {
  try {
    await mkdir(data, { recursive: true, mode: 0o700 });
    return await realpath(data);
  } catch (error) {
    throw new Error(
      `PODIUM_RUNNER_DATA (${data}) can't be used: ${(error as Error).message}. Point it at a folder that this user may write.`,
    );
  }
}

type Running = Awaited<ReturnType<typeof start>>;

/** Hands the work back: sessions are ended (or left alone), and the hub gets what can still be told in time. */
async function stop(running: Running, env: Env, log: Log) {
  const { supervisor, streams, link, health, machine, environments, scrubbing } = running;
  if (env.PODIUM_ON_EXIT === "stop") {
    await Promise.race([supervisor.stopAll(EXIT_GRACE_MS), Bun.sleep(EXIT_CONFIRM_MS)]);
    await Promise.race([supervisor.drained(), Bun.sleep(EXIT_DRAIN_MS)]);
    await link.beat();
  }
  streams.close();
  await supervisor.leaveAll();
  await environments.close();
  link.close();
  machine.close();
  await scrubbing;
  await health?.stop(true);
  log.info("the runner has stopped");
}

async function main() {
  // What sessions of another user may read is made readable by mode; private files are made with modes of their own.
  process.umask(0o022);
  const env = parseEnv();
  const log = createLog(env.LOG_LEVEL);
  const told = untilToldToStop(env.PODIUM_EXIT_WITH_PARENT);
  const running = await start(env, log, told.first, (message) => told.fail(message)).catch((error) => {
    if (told.first.aborted) return null;
    throw error;
  });
  if (!running) return;
  await told.stopped;
  told.onSecond(() => running.supervisor.hurry());
  await stop(running, env, log);
  if (told.failure) throw new Error(told.failure);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(`podium runner: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
