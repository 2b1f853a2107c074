import { Redis } from "ioredis";

const CONNECT_MS = 10_000;

/** Throws one line for people when no Redis answers at REDIS_URL. Its password is not in the line. */
export async function assertRedisReachable(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, connectTimeout: CONNECT_MS, retryStrategy: () => null });
  // What is emitted here also rejects the calls below, except the first fault of a connection.
  let fault: Error | undefined;
  redis.on("error", (error: Error) => {
    fault ??= error;
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    const cause = fault ?? error;
    const { hostname, port } = new URL(url);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `Redis at ${hostname}:${port || 6379} can't be used (${reason}). Is it running, and is REDIS_URL right?`,
      { cause },
    );
  } finally {
    redis.disconnect();
  }
}
