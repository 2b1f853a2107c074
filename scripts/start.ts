// `npm start`: hub, gateway and one runner for daily use, on a data folder that stays.
import { join } from "node:path";
import { podiumDir } from "./setup/paths.mjs";
import { beginStack, type Stack } from "./stack/stack.ts";
import { stopRequested } from "./stack/until-signal.ts";

const DEFAULT_PORTS = { hub: 7400, gateway: 7401, runner: 7402 };

/** What each of its processes would take for its own otherwise. */
const PASSED_ON = ["PODIUM_PUBLIC_URL", "PODIUM_GATEWAY_PUBLIC_URL", "PODIUM_NODE_NAME"];

const USAGE = `npm start: hub, gateway and one runner, until Ctrl-C. It takes no arguments, and of the environment
  PODIUM_HOME          where its data lies (.podium/data)
  PODIUM_HUB_PORT, PODIUM_GATEWAY_PORT, PODIUM_RUNNER_PORT  (${Object.values(DEFAULT_PORTS).join(", ")})
  DATABASE_URL         a Postgres of your own
  ${PASSED_ON.join(", ")}
More: docs/guides/operator.md`;
const [asked] = process.argv.slice(2);
if (asked !== undefined) {
  console.error(USAGE);
  process.exit(["-h", "--help"].includes(asked) ? 0 : 2);
}

const dataDir = process.env["PODIUM_HOME"] ?? join(podiumDir, "data");
const starting = beginStack({
  dataDir,
  ports: {
    hub: givenPort("PODIUM_HUB_PORT", DEFAULT_PORTS.hub),
    gateway: givenPort("PODIUM_GATEWAY_PORT", DEFAULT_PORTS.gateway),
    runner: givenPort("PODIUM_RUNNER_PORT", DEFAULT_PORTS.runner),
  },
  env: Object.fromEntries(
    PASSED_ON.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  ),
  ...(process.env["DATABASE_URL"] === undefined ? {} : { databaseUrl: process.env["DATABASE_URL"] }),
  onLine: (line) => console.error(line),
});

const stopping = stopRequested(() => {
  console.error("killing what is left");
  starting.kill();
  process.exit(130);
}).then(() => "stop" as const);

try {
  const first = await Promise.race([starting.started, stopping]);
  if (first !== "stop") {
    printAddresses(first);
    await stopping;
  }
  console.log("stopping (Ctrl-C again kills)");
  await starting.stop();
  console.log("stopped");
  process.exit(0);
} catch (error) {
  console.error(`podium: ${(error as Error).message}`);
  process.exit(1);
}

function givenPort(variable: string, fallback: number): number {
  const text = process.env[variable];
  if (text === undefined) return fallback;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  console.error(`podium: ${variable} is "${text}", which is no port: give a number from 1 to 65535.`);
  process.exit(1);
}

function printAddresses(stack: Stack): void {
  console.log(`
Podium runs (data: ${dataDir})
  web and API   ${stack.hubUrl}
  models        ${stack.gatewayUrl}
  admin         ${stack.admin.email}, password in ${stack.admin.passwordFile}
  CLI           export PATH="${join(podiumDir, "bin")}:$PATH"; podium login ${stack.hubUrl}
Ctrl-C stops it; the data stays.
`);
}
