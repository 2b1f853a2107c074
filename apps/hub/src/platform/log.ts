import pino, { type Logger } from "pino";

/** JSON lines on stdout. Secrets are cut by name wherever they turn up in a logged object. */
export function createLog(level: string, service: string): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        "password",
        "token",
        "secret",
        "authorization",
        "cookie",
        "*.password",
        "*.token",
        "*.secret",
        "*.authorization",
        "*.cookie",
        "req.headers",
      ],
      censor: "[redacted]",
    },
  });
}
