import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { podiumDir } from "../../../scripts/setup/paths.mjs";
import { freePort } from "../../../scripts/stack/ports.ts";
import { waitUntil } from "../../../scripts/stack/wait.ts";
import type { Target } from "../load.ts";
import { openInferenceTarget, plainTarget, type Scenario } from "./scenarios.ts";

const PROGRAMS = Bun.fileURLToPath(new URL("../../peers", import.meta.url));
const START_MS = 120_000;

/** Another server of models, in a virtual environment of its own: `.podium/peers/NAME` (see bench/peers/README.md). */
export interface Peer {
  name: string;
  /** what it can be asked as its documentation recommends */
  scenarios: readonly Scenario[];
  command(at: { bin: string; port: number; scenario: Scenario; folder: string }): string[];
  path(scenario: Scenario): string;
  target(scenario: Scenario, url: string): Target;
}

const everything: readonly Scenario[] = ["noop", "mlp", "image-json", "image-binary"];
const asJson = everything.slice(0, 3);
const program = (name: string) => join(PROGRAMS, `with_${name}.py`);
const byRoute = (scenario: Scenario) => `/${scenario}`;

export const PEERS: readonly Peer[] = [
  {
    name: "fastapi",
    scenarios: everything,
    command: ({ bin, port }) => [`${bin}/python`, program("fastapi"), String(port)],
    path: byRoute,
    target: plainTarget,
  },
  {
    name: "mosec",
    scenarios: everything,
    command: ({ bin, port }) => [
      `${bin}/python`,
      program("mosec"),
      "--port",
      String(port),
      "--timeout",
      "30000",
    ],
    path: () => "/inference",
    target: plainTarget,
  },
  {
    name: "litserve",
    scenarios: asJson,
    command: ({ bin, port }) => [`${bin}/python`, program("litserve"), String(port)],
    path: () => "/predict",
    target: plainTarget,
  },
  {
    name: "mlserver",
    // Of the protocol's binary extension its REST server knows nothing.
    scenarios: asJson,
    command: ({ bin, folder, port, scenario }) => {
      writeMlserverSettings(folder, port, scenario);
      return [`${bin}/mlserver`, "start", folder];
    },
    path: (scenario) => `/v2/models/${scenario}/infer`,
    target: openInferenceTarget,
  },
  {
    name: "bentoml",
    scenarios: asJson,
    command: ({ bin, port }) => [
      `${bin}/bentoml`,
      "serve",
      "with_bentoml:Peer",
      "--working-dir",
      PROGRAMS,
      "--port",
      String(port),
    ],
    path: byRoute,
    target: (scenario, url) => bentoTarget(scenario, plainTarget(scenario, url)),
  },
  {
    name: "ray",
    scenarios: everything,
    command: ({ bin, port }) => [`${bin}/python`, program("ray"), String(port)],
    path: byRoute,
    target: plainTarget,
  },
];

/** Its routes take named arguments; one that batches takes a list of rows. */
function bentoTarget(scenario: Scenario, target: Target): Target {
  const { x } = scenario === "image-json" ? { x: null } : JSON.parse(target.body as string);
  if (scenario === "noop") return { ...target, body: JSON.stringify({ body: { x } }) };
  if (scenario === "mlp") return { ...target, body: JSON.stringify({ x: [x] }) };
  return target;
}

function writeMlserverSettings(folder: string, port: number, name: Scenario) {
  const rest = {
    host: "127.0.0.1",
    http_port: port,
    grpc_port: port + 1,
    metrics_port: port + 2,
    metrics_dir: folder,
  };
  writeFileSync(
    join(folder, "settings.json"),
    JSON.stringify({ ...rest, debug: false, parallel_workers: 1 }),
  );
  const model = { name, implementation: "with_mlserver.Peer", max_batch_size: 64, max_batch_time: 0.001 };
  writeFileSync(join(folder, "model-settings.json"), JSON.stringify(model));
}

export interface RunningPeer {
  target: Target;
  stop(): Promise<void>;
}

export const binOf = ({ name }: Peer) => join(podiumDir, "peers", name, "bin");
export const isInstalled = (peer: Peer) => existsSync(join(binOf(peer), "python"));

/** Starts a peer with one model and resolves when it answers. Throws with what it printed when it does not. */
export async function startPeer(peer: Peer, scenario: Scenario): Promise<RunningPeer> {
  const folder = mkdtempSync(join(tmpdir(), `podium-peer-${peer.name}-`));
  const port = await freePort();
  const log = join(folder, "log");
  const bin = binOf(peer);
  const child = Bun.spawn(["setsid", ...peer.command({ bin, port, scenario, folder })], {
    cwd: PROGRAMS,
    env: { ...environment(), PATH: `${bin}:${process.env["PATH"]}`, PEER_MODEL: scenario },
    stdin: "ignore",
    stdout: Bun.file(log),
    stderr: Bun.file(`${log}.errors`),
  });
  // What it has started is in its group.
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-child.pid, name);
    } catch {
      // nothing of it is left
    }
  };
  const stop = async () => {
    signal("SIGTERM");
    await Promise.race([child.exited, Bun.sleep(10_000)]);
    signal("SIGKILL");
    await child.exited;
    rmSync(folder, { recursive: true, force: true });
  };
  const target = peer.target(scenario, `http://127.0.0.1:${port}${peer.path(scenario)}`);
  const answers = await waitUntil(() => answered(target), { withinMs: START_MS });
  if (answers) return { target, stop };
  const said = `${await Bun.file(log).text()}${await Bun.file(`${log}.errors`).text()}`;
  await stop();
  throw new Error(`${peer.name} does not answer ${target.url}: ${said.slice(-2000)}`);
}

async function answered({ url, body, headers }: Target): Promise<boolean> {
  const response = await fetch(url, { method: "POST", body: body as Uint8Array<ArrayBuffer>, headers }).catch(
    () => null,
  );
  return response?.status === 200;
}

function environment(): Record<string, string> {
  const quiet = {
    RAY_USAGE_STATS_ENABLED: "0",
    BENTOML_DO_NOT_TRACK: "1",
    OMP_NUM_THREADS: "1",
    OPENBLAS_NUM_THREADS: "1",
  };
  return { ...(process.env as Record<string, string>), ...quiet, PYTHONPATH: PROGRAMS };
}
