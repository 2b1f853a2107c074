import pino, { type Logger } from "pino";

export type Log = Logger;

/** JSON lines on stdout. Bodies are never logged, and secrets are cut by name. */
export function createLog(level: string): Log {
  return pino({
    level,
    base: { service: "inference-gateway" },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ["token", "authorization", "*.token", "*.authorization"], censor: "[redacted]" },
  });
}
