import { systemClock } from "./clock.ts";
import { parseEnv } from "./env.ts";
import { startGateway } from "./gateway.ts";
import { createLog } from "./log.ts";

try {
  const env = parseEnv();
  const log = createLog(env.LOG_LEVEL);
  const gateway = await startGateway(env, {
    clock: systemClock,
    log,
    random: Math.random,
    random32: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  });
  const stop = () => {
    gateway.stop().then(
      () => process.exit(0),
      (error) => {
        log.error({ err: error }, "The gateway did not stop cleanly.");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("SIGUSR2", gateway.reopenLog);
  if (env.PODIUM_EXIT_WITH_PARENT) process.stdin.on("end", stop).on("error", stop).resume();
} catch (error) {
  console.error(`podium gateway: ${explain(error)}`);
  process.exit(1);
}

/** One line that says what to do. */
function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") {
    return "PODIUM_GATEWAY_HOST and PODIUM_GATEWAY_PORT name an address that is in use. Stop what listens there, or set another port.";
  }
  return message ?? String(error);
}
