import pino, { type Logger } from "pino";

export type Log = Logger;

/** JSON lines on stdout. Secrets are cut by name wherever they turn up in a logged object. */
export function createLog(level: string): Log {
  return pino({
    level,
    base: { service: "node-runner" },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ["token", "node_token", "replica_token", "authorization", "*.token", "*.replica_token"],
      censor: "[redacted]",
    },
  });
}
