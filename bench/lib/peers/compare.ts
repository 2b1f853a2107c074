import { startEcho } from "../gateway-alone.ts";
import { load, loadTool, type Target } from "../load.ts";
import { median } from "../median.ts";
import type { Aim } from "../report.ts";
import { startChain } from "../whole-chain.ts";
import { OWN_MODELS, ownTarget } from "./own-models.ts";
import { binOf, isInstalled, PEERS, type Peer, startPeer } from "./peer.ts";
import { plainTarget, SCENARIOS, type Scenario } from "./scenarios.ts";

interface Options {
  connections: readonly number[];
  rounds: number;
  seconds: number;
  /** names of peers; all that are installed when empty */
  peers: readonly string[];
}

interface Comparison {
  figures: Record<string, number>;
  aims: Aim[];
}

const AIM_AT_CONNECTIONS = 64;
/** Python front ends: five times as fast is aimed at. Mosec's is Rust: as fast is. */
const AIMS: Record<string, number> = { mosec: 1, fastapi: 5, litserve: 5, mlserver: 5, bentoml: 5, ray: 5 };

/**
 * Podium's whole chain, every feature on, against other servers and a bare echo, in turns: one peer at a time runs, and
 * each rate of a peer stands beside rates of Podium and of the echo that were measured within the same seconds.
 * @throws when no peer is installed
 */
export async function compareWithPeers(options: Options): Promise<Comparison> {
  const wanted = PEERS.filter(({ name }) => options.peers.length === 0 || options.peers.includes(name));
  const peers = wanted.filter(isInstalled);
  const [first] = peers;
  if (!first) throw new Error("No peer is installed: see bench/peers/README.md.");
  // Any of the environments has numpy; sessions get the one of the first.
  const chain = await startChain(OWN_MODELS, { PODIUM_PYTHON: `${binOf(first)}/python` });
  const echo = await startEcho();
  const result: Comparison = { figures: {}, aims: [] };
  try {
    for (const peer of peers)
      for (const scenario of SCENARIOS) {
        if (!peer.scenarios.includes(scenario)) continue;
        const echoUrl = scenario === "image-binary" ? new URL("/raw", echo.url).href : echo.url;
        const targets = { echo: plainTarget(scenario, echoUrl), podium: ownTarget(scenario, chain.served) };
        await compare(peer, scenario, targets, options, result);
      }
  } finally {
    await echo.stop();
    await chain.stop();
  }
  return result;
}

type Side = "echo" | "podium" | "peer";

async function compare(
  peer: Peer,
  scenario: Scenario,
  others: { echo: Target; podium: Target },
  { connections, rounds, seconds }: Options,
  { figures, aims }: Comparison,
) {
  const running = await startPeer(peer, scenario);
  const targets: Record<Side, Target> = { ...others, peer: running.target };
  const tool = loadTool();
  // One takes tens of milliseconds: a short run would count what happened to be answered in it.
  const forSeconds = scenario === "image-json" ? 3 * seconds : seconds;
  try {
    for (const target of Object.values(targets)) await load(tool, target, 8, 1);
    for (const count of connections) {
      const rates: Record<Side, number[]> = { echo: [], podium: [], peer: [] };
      for (let round = 0; round < rounds; round++)
        for (const side of inTurns(round))
          rates[side].push((await load(tool, targets[side], count, forSeconds)).requestsPerSecond);
      const [echo, podium, theirs] = [median(rates.echo), median(rates.podium), median(rates.peer)];
      const key = `${peer.name}_${scenario.replace("-", "_")}_${count}`;
      figures[`${key}_rps`] = Math.round(theirs);
      figures[`${key}_podium_rps`] = Math.round(podium);
      figures[`${key}_podium_of_echo`] = podium / echo;
      figures[`${key}_podium_of_peer`] = podium / theirs;
      console.error(
        `${scenario}, ${count} connections: echo ${echo.toFixed(0)}/s, Podium ${podium.toFixed(0)}/s, ${peer.name} ${theirs.toFixed(0)}/s`,
      );
      if (scenario === "mlp" && count === AIM_AT_CONNECTIONS) aims.push(aimOf(peer.name, podium / theirs));
    }
  } finally {
    await running.stop();
  }
}

/** Each is first, in the middle and last: a machine that slows down meanwhile favours none. */
function inTurns(round: number): Side[] {
  const sides: Side[] = ["echo", "podium", "peer"];
  return sides.map((_, at) => sides[(at + round) % sides.length] as Side);
}

function aimOf(name: string, measured: number): Aim {
  const aim = AIMS[name] ?? 1;
  return {
    name: `rate at ${AIM_AT_CONNECTIONS} connections, the small model`,
    unit: `of ${name}`,
    aim,
    measured,
    met: measured >= aim,
  };
}
