// A bound Python model's rate, whole chain, against a bare Hono JSON echo. --alone: a gateway with a stub for a model;
// --onnx: a small network as an ONNX file in its place; --latency: how long answers take at half of each one's rate;
// --peers: against other servers (bench/peers/README.md);
// --url URL --key KEY --body FILE: a model that serves already.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Running, startEcho, startGatewayAlone } from "./lib/gateway-alone.ts";
import { compareLatency } from "./lib/latency.ts";
import { type Load, load, loadTool, type Target } from "./lib/load.ts";
import { median } from "./lib/median.ts";
import { compareWithPeers } from "./lib/peers/compare.ts";
import { report } from "./lib/report.ts";
import { startWholeChain } from "./lib/whole-chain.ts";

const { values: options } = parseArgs({
  options: {
    alone: { type: "boolean", default: false },
    onnx: { type: "boolean", default: false },
    url: { type: "string" },
    key: { type: "string" },
    body: { type: "string" },
    connections: { type: "string", default: "1,16,64,256" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    latency: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});

/** The aim for the whole chain, and what the gateway must leave room for by itself. */
const AIM = options.alone ? 0.8 : 0.7;
const AIM_AT_CONNECTIONS = 64;
const NETWORK_BODY = JSON.stringify([Array(16).fill(0.5)]);
const BODY = '{"title":"Dr. Strangelove","year":1964,"votes":138000,"genre":"Comedy","runtime":95}';

interface Round {
  echo: Load;
  model: Load;
}

if (options.peers) {
  const numbers = { rounds: Number(options.rounds), seconds: Number(options.seconds) };
  const connections = options.connections.split(",").map(Number);
  const peers = options.only.split(",").filter((name) => name !== "");
  report({ bench: "peers", ...(await compareWithPeers({ ...numbers, connections, peers })) });
  process.exit(0);
}

const tool = loadTool();
const body = options.body ? readFileSync(options.body, "utf8") : options.onnx ? NETWORK_BODY : BODY;
const running: Running[] = [];
try {
  const echo = await startEcho();
  running.push(echo);
  const model = await modelTarget();
  const echoTarget: Target = { url: echo.url, body, headers: model.headers };
  await checkAnswer(model);
  for (const target of [echoTarget, model]) await load(tool, target, 16, 1);

  if (options.latency) {
    const numbers = { rounds: Number(options.rounds), seconds: Number(options.seconds) };
    report({ bench: "gateway-latency", ...(await compareLatency({ echo: echoTarget, model }, numbers)) });
  } else tell(await measureRates(echoTarget, model));
} finally {
  for (const process of running.reverse()) await process.stop();
}

async function measureRates(echoTarget: Target, model: Target): Promise<Map<number, Round[]>> {
  const rounds = new Map<number, Round[]>();
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const connections of options.connections.split(",").map(Number)) {
      const measured = await measure(echoTarget, model, connections, round % 2 === 0);
      rounds.set(connections, [...(rounds.get(connections) ?? []), measured]);
    }
  }
  return rounds;
}

/** What is measured: the address that was given, or one that is started for it. */
async function modelTarget(): Promise<Target> {
  const headers = { "content-type": "application/json" };
  if (options.url) return { url: options.url, body, headers: { ...headers, ...bearer(options.key) } };
  const started = options.alone
    ? await startGatewayAlone()
    : await startWholeChain(options.onnx ? "onnx" : "script");
  running.push(started);
  return { url: started.url, body, headers: { ...headers, ...bearer(started.key) } };
}

function bearer(key: string | undefined): Record<string, string> {
  return key ? { authorization: `Bearer ${key}` } : {};
}

async function checkAnswer({ url, headers }: Target) {
  const response = await fetch(url, { method: "POST", headers, body });
  if (response.status !== 200)
    throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}

/** One after the other, in turns first: a machine that slows down meanwhile favours neither. */
async function measure(echo: Target, model: Target, connections: number, echoFirst: boolean): Promise<Round> {
  const seconds = Number(options.seconds);
  const first = await load(tool, echoFirst ? echo : model, connections, seconds);
  const second = await load(tool, echoFirst ? model : echo, connections, seconds);
  const round = echoFirst ? { echo: first, model: second } : { echo: second, model: first };
  console.error(
    `${String(connections).padStart(4)} connections: echo ${shown(round.echo)}, gateway ${shown(round.model)}`,
  );
  return round;
}

function shown({ requestsPerSecond, p50Ms, p99Ms }: Load): string {
  return `${requestsPerSecond.toFixed(0)}/s (p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms)`;
}

function tell(rounds: Map<number, Round[]>) {
  const figures: Record<string, number> = {};
  for (const [connections, measured] of rounds) {
    const middle = (read: (round: Round) => number) => median(measured.map(read));
    figures[`echo_${connections}_rps`] = Math.round(middle(({ echo }) => echo.requestsPerSecond));
    figures[`gateway_${connections}_rps`] = Math.round(middle(({ model }) => model.requestsPerSecond));
    figures[`gateway_${connections}_p50_ms`] = middle(({ model }) => model.p50Ms);
    figures[`gateway_${connections}_p99_ms`] = middle(({ model }) => model.p99Ms);
    figures[`ratio_${connections}`] = middle(
      ({ echo, model }) => model.requestsPerSecond / echo.requestsPerSecond,
    );
  }
  const ratio = figures[`ratio_${AIM_AT_CONNECTIONS}`] ?? null;
  const what = options.alone ? "the gateway with a stub for a model" : "the whole chain";
  report({
    bench: options.alone ? "gateway-alone" : options.onnx ? "gateway-onnx" : "gateway",
    figures,
    aims: [
      {
        name: `rate of ${what} at ${AIM_AT_CONNECTIONS} connections`,
        unit: "of a bare Hono echo",
        aim: AIM,
        measured: ratio,
        met: ratio === null ? null : ratio >= AIM,
      },
    ],
  });
}
