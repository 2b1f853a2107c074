import { websocket } from "hono/bun";
import { type Env, parseEnv } from "./env.ts";
import { startHub } from "./hub.ts";
import { createLog } from "./platform/log.ts";

/** How long shutdown may take before the process ends anyway. */
const SHUTDOWN_MS = 15_000;
/** How long writes that have begun may take to be answered. */
const DRAIN_MS = 8_000;
/** Bun closes quiet connections after 10 s by default; event streams and long polls are quiet. */
const IDLE_TIMEOUT_SECONDS = 60;
/** Above every limit of a route: those are answered with words. */
const MAX_BODY_BYTES = 256 * 1024 ** 2;

async function main(): Promise<void> {
  const env = parseEnv();
  const log = createLog(env.LOG_LEVEL, "hub");
  const hub = await startHub(env, log);
  const server = listen(env, hub.app.fetch);
  log.info({ url: server.url.href }, "the hub is up");

  let stopping = false;
  const stop = async (why: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ why }, "shutting down");
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    // No new connections; writes end; then event streams, long polls and runners are cut off and come back elsewhere.
    void server.stop();
    await hub.drain(DRAIN_MS);
    await server.stop(true);
    await hub.stop();
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop("SIGTERM"));
  process.on("SIGINT", () => void stop("SIGINT"));
  if (env.PODIUM_EXIT_WITH_PARENT) void waitForParent().then(() => stop("the parent process has ended"));
}

function listen(env: Env, fetch: Parameters<typeof Bun.serve>[0]["fetch"]) {
  const { PODIUM_HUB_HOST: hostname, PODIUM_HUB_PORT: port } = env;
  try {
    return Bun.serve({
      hostname,
      port,
      fetch,
      websocket,
      idleTimeout: IDLE_TIMEOUT_SECONDS,
      maxRequestBodySize: MAX_BODY_BYTES,
    } as never);
  } catch (error) {
    throw new Error(cannotListen(env, (error as { code?: string }).code), { cause: error });
  }
}

function cannotListen(
  { PODIUM_HUB_HOST: host, PODIUM_HUB_PORT: port }: Env,
  code: string | undefined,
): string {
  if (code === "EADDRINUSE")
    return `Port ${port} on ${host} is taken by another process. Stop it, or set PODIUM_HUB_PORT to a free port.`;
  if (code === "EACCES")
    return `Port ${port} on ${host} may not be used by this user. Set PODIUM_HUB_PORT to a port from 1024 up.`;
  return `The hub can't listen on ${host}:${port} (${code ?? "unknown reason"}). Is PODIUM_HUB_HOST an address of this machine?`;
}

/** Resolves when standard input, a pipe that the parent holds, closes. */
async function waitForParent(): Promise<void> {
  for await (const _ of process.stdin) {
    // nothing is ever sent
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`podium hub: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
