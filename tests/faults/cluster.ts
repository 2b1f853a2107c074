import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dockerEnv } from "../../apps/node-runner/src/testing/docker.ts";
import { choosePort } from "../../scripts/stack/ports.ts";
import { processSpec, type Wiring } from "../../scripts/stack/processes.ts";
import { folderSecrets } from "../../scripts/stack/secrets.ts";
import { Service } from "../../scripts/stack/service.ts";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { DockerDaemon } from "../../scripts/testing/docker-daemon.ts";
import { requires } from "../../scripts/testing/requires.ts";
import { waitFor } from "../lib/person.ts";

/** Stands in for NVIDIA's program: four GPUs that nobody uses. */
const SMI = `#!/bin/sh
case "$1" in
  --query-gpu=*) for n in 0 1 2 3; do echo "$n, GPU-$n, A100, 40960, 0, 0, 30, 50.0"; done ;;
esac
`;
const BACK_WITHIN_MS = 60_000;
const ANSWERS_WITHIN_MS = 2_000;

export type Victim = "leader" | "standby" | "runner" | "gateway" | "postgres" | "dockerd";

/** Two hubs on one database, a gateway, a node of processes with four GPUs and one of containers. */
export interface Cluster {
  stack: Stack;
  /** what is killed here; without Docker there is no daemon, and no node of containers */
  victims: Victim[];
  /** null without Docker */
  docker: { host: string; data: string } | null;
  /** folders of the runners */
  nodes: string[];
  /** Kills it as nothing else does; whoever watches over it starts it again. */
  kill(victim: Victim): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one in an empty folder. */
export async function startCluster(folder: string): Promise<Cluster> {
  const programs = join(folder, "programs");
  mkdirSync(programs);
  writeFileSync(join(programs, "nvidia-smi"), SMI);
  chmodSync(join(programs, "nvidia-smi"), 0o755);
  const daemon = await ownDaemon();
  const services: Service[] = [];
  let stack: Stack | null = null;
  const stop = async () => {
    for (const service of services) await service.stop();
    await stack?.stop();
    await daemon?.dispose();
  };
  try {
    const dataDir = join(folder, "data");
    const env = { PATH: `${programs}:${process.env["PATH"]}`, PODIUM_CPU_MILLI: "1500" };
    stack = await startStack({ dataDir, fresh: true, env: { ...env, PODIUM_EXECUTOR: "process" } });
    const wiring = await wiringOf(stack, dataDir);
    services.push(secondHub(wiring, stack));
    const docker = daemon && { host: daemon.host, data: join(folder, "containers", "runner") };
    if (docker) services.push(await containerNode(wiring, join(folder, "containers"), docker.host));
    for (const service of services) await service.start();
    const nodes = [join(dataDir, "runner"), ...(docker ? [docker.data] : [])];
    const victims: Victim[] = ["leader", "standby", "runner", "gateway", "postgres"];
    if (docker) victims.push("dockerd");
    const hubs = [stack.hubUrl, `http://127.0.0.1:${wiring.ports.hub}`];
    const kill = killer(stack, services, hubs, daemon);
    return { stack, victims, docker, nodes, kill, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Null where this machine can't start one; with CI=true that fails. */
async function ownDaemon(): Promise<DockerDaemon | null> {
  const isRoot = process.getuid?.() === 0 && Bun.which("dockerd") !== null;
  const { available, reason } = requires("docker");
  if ((available && isRoot) || process.env["CI"] === "true") return DockerDaemon.start();
  const why = available ? "a Docker daemon of its own needs dockerd, and root" : reason;
  console.log(`SKIPPED: kill -9 of the Docker daemon: ${why}`);
  return null;
}

/** As the stack's own, with another port for another hub. */
async function wiringOf(stack: Stack, dataDir: string): Promise<Wiring> {
  const port = (url: string) => Number(new URL(url).port);
  return {
    dataDir,
    databaseUrl: stack.databaseUrl,
    adminEmail: stack.admin.email,
    secrets: folderSecrets(dataDir).secrets,
    env: { PODIUM_PUBLIC_URL: stack.hubUrl },
    ports: {
      hub: await choosePort(undefined, "hub"),
      gateway: port(stack.gatewayUrl),
      runner: await choosePort(undefined, "runner"),
    },
    mark: { name: "PODIUM_STACK", value: crypto.randomUUID() },
  };
}

function secondHub(wiring: Wiring, stack: Stack): Service {
  const logPath = join(wiring.dataDir, "logs", "hub-2.log");
  return new Service({ ...processSpec("hub", wiring), name: `hub beside ${stack.hubUrl}`, logPath }, say);
}

async function containerNode(wiring: Wiring, dataDir: string, host: string): Promise<Service> {
  mkdirSync(join(dataDir, "logs"), { recursive: true, mode: 0o711 });
  const env = { ...(await dockerEnv(host)), PODIUM_NODE_NAME: "containers", PODIUM_CPU_MILLI: "900" };
  const hub = Number(new URL(wiring.env["PODIUM_PUBLIC_URL"] ?? "").port);
  return new Service(
    processSpec("runner", { ...wiring, dataDir, env, ports: { ...wiring.ports, hub } }),
    say,
  );
}

function killer(
  stack: Stack,
  services: readonly Service[],
  hubUrls: readonly string[],
  daemon: DockerDaemon | null,
): Cluster["kill"] {
  const [hub, ...nodes] = services;
  /** Whoever is that now; null while one of them is still away from the last time. */
  const find = async (victim: Exclude<Victim, "dockerd">): Promise<number[] | null> => {
    const own = stack.pids();
    const hubs = [own["hub"], hub?.pid];
    const leader = await leaderOf(hubUrls);
    const pids = {
      leader: [hubs[leader]],
      standby: [hubs[1 - leader]],
      runner: [own["runner"], ...nodes.map(({ pid }) => pid)],
      gateway: [own["gateway"]],
      postgres: [own["postgres"]],
    }[victim];
    const running = pids.filter((pid) => pid !== undefined);
    return running.length === pids.length ? running : null;
  };
  return async (victim) => {
    if (victim === "dockerd") {
      await daemon?.kill();
      await daemon?.start();
      return;
    }
    const pids = await waitFor(`${victim} to run`, BACK_WITHIN_MS, () => find(victim));
    for (const pid of pids) process.kill(pid, "SIGKILL");
  };
}

/** Which of the hubs leads the scheduler; waited for while none does. */
function leaderOf(hubUrls: readonly string[]): Promise<number> {
  return waitFor("a leader", BACK_WITHIN_MS, async () => {
    for (const [index, url] of hubUrls.entries()) {
      const asked = fetch(`${url}/metrics`, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
      const said = await asked.then((response) => response.text()).catch(() => "");
      if (/^podium_scheduler_leader 1$/m.test(said)) return index;
    }
    return null;
  });
}

const say = (line: string) => console.error(line);
