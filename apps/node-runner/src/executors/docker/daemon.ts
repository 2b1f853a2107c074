import type Docker from "dockerode";
import { isErrno } from "../../data/files.ts";
import { ExecutorAway } from "../executor.ts";

const RETRY_MS = 250;
const PING_EVERY_MS = 1_000;
const PING_MS = 5_000;
const SHOWN_EVERY_MS = 30_000;

/**
 * The address of a daemon, `unix:///path` or `tcp://host:port`, as dockerode wants it. The protocol is said, or dockerode
 * would take TLS for meant at port 2376, and only its own half of the calls would use it.
 */
export function addressOf(
  dockerHost: string,
): { socketPath: string } | { host: string; port: number; protocol: "http" } {
  const url = new URL(dockerHost);
  if (url.protocol === "unix:") return { socketPath: url.pathname };
  // An IPv6 address is in brackets in a URL, and in nothing else.
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(url.port), protocol: "http" };
}

/** True when nobody answered, or the connection broke: the daemon is away, and may come back. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error) || statusOf(error) !== null) return false;
  if (error.name === "TimeoutError") return true;
  const codes = [
    "ECONNREFUSED",
    "ECONNRESET",
    "ENOENT",
    "EPIPE",
    "ETIMEDOUT",
    "ConnectionRefused",
    "ConnectionClosed",
  ];
  return (
    isErrno(error, ...codes, "FailedToOpenSocket") || /socket|connect|hang up|closed/i.test(error.message)
  );
}

/** The HTTP status of a daemon's refusal; null for everything else. */
export function statusOf(error: unknown): number | null {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : null;
  return typeof status === "number" ? status : null;
}

/** What the daemon said of its refusal, in one line. */
export function reasonOf(error: unknown): string {
  const json = error instanceof Error && "json" in error ? error.json : null;
  const said = json && typeof json === "object" && "message" in json ? String(json.message) : null;
  return (said ?? (error instanceof Error ? error.message : String(error))).trim().split("\n")[0] ?? "";
}

export interface Patience {
  /** Stops waiting; its reason is thrown. */
  signal?: AbortSignal;
  /** Waits so long at most, then throws `ExecutorAway`; for ever when it is not given. */
  forMs?: number;
  /** Hears now and then that it still waits. */
  onWait?: (error: unknown) => void;
}

/** Resolves when a container does not run any more, or is not there. */
export async function untilEnded(dockerHost: string, nameOrId: string) {
  const path = `/containers/${nameOrId}/wait?condition=not-running`;
  const waited = callDaemon(dockerHost, "POST", path).then((response) => response.text());
  await orNull(waited);
}

/**
 * A call whose answer takes long. Not through dockerode: on Bun a response that is cut off between its head and its body
 * ends neither well nor badly there, and these are cut when the daemon dies. Throws what the daemon refuses.
 */
export async function callDaemon(
  dockerHost: string,
  method: "GET" | "POST",
  path: string,
  signal: AbortSignal | null = null,
): Promise<Response> {
  const address = addressOf(dockerHost);
  const [origin, unix] =
    "socketPath" in address
      ? ["http://docker", { unix: address.socketPath }]
      : [dockerHost.replace(/^tcp:/, "http:"), {}];
  const response = await fetch(origin + path, { method, signal, ...unix, ...NO_TIMEOUT });
  if (response.ok) return response;
  const { message } = (await response.json()) as { message?: string };
  throw refusalOf(response.status, message ?? `status ${response.status}`);
}

/** Bun's own option of `fetch`: without it a request ends after five minutes. */
const NO_TIMEOUT = { timeout: false };

/** An error like dockerode's own, of which `statusOf` and `reasonOf` know what to say. */
export function refusalOf(statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode });
}

/**
 * A call that also ends when the daemon goes away during it: a connection that is cut in the middle of an answer is
 * not always noticed.
 */
export async function whileThere<T>(docker: Docker, call: () => Promise<T>): Promise<T> {
  let isOver = false;
  const away = async (): Promise<never> => {
    for (;;) {
      await Bun.sleep(PING_EVERY_MS);
      if (isOver) return new Promise(() => {});
      const reason = await whyNoDaemon(docker, PING_MS);
      if (reason !== null) throw Object.assign(new Error(reason), { code: "ECONNREFUSED" });
    }
  };
  const called = call();
  called.catch(() => {});
  try {
    return await Promise.race([called, away()]);
  } finally {
    isOver = true;
  }
}

/** Repeats a call for as long as the daemon is away. What the daemon refuses is thrown at once. */
export async function onceThere<T>(
  docker: Docker,
  call: () => Promise<T>,
  patience: Patience = {},
): Promise<T> {
  const { signal, forMs = Number.POSITIVE_INFINITY, onWait } = patience;
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    signal?.throwIfAborted();
    try {
      return await whileThere(docker, call);
    } catch (error) {
      if (!isAway(error)) throw error;
      if (waitedMs >= forMs)
        throw new ExecutorAway("The Docker daemon of the session's machine does not answer.");
      if (waitedMs % SHOWN_EVERY_MS === 0) onWait?.(error);
      await Bun.sleep(RETRY_MS);
    }
  }
}

/** Null when there is nothing of that name, whatever the daemon says otherwise is thrown. */
export async function orNull<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

/** Why the daemon can't be used, or null when it answers. */
export async function whyNoDaemon(docker: Docker, timeoutMs = 3_000): Promise<string | null> {
  const late = Bun.sleep(timeoutMs).then(() => `it did not answer within ${timeoutMs / 1000} s`);
  const asked = docker.ping().then(
    () => null,
    (error) => reasonOf(error),
  );
  return Promise.race([asked, late]);
}
