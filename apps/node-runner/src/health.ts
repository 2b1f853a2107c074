import type { Metrics } from "./metrics.ts";

/**
 * `/healthz`, `/readyz` (connected to the hub) and `/metrics`, for this machine only; `observe` brings the gauges up to
 * date. Throws when the port is taken.
 */
export function serveHealth(
  port: number,
  metrics: Metrics,
  isReady: () => boolean,
  observe: () => Promise<void>,
) {
  try {
    return Bun.serve({
      hostname: "127.0.0.1",
      port,
      routes: {
        "/healthz": () => Response.json({ status: "ok" }),
        "/readyz": () =>
          isReady()
            ? Response.json({ status: "ready" })
            : Response.json({ status: "not connected to the hub" }, { status: 503 }),
        "/metrics": async () => {
          await observe();
          return new Response(await metrics.registry.metrics(), {
            headers: { "Content-Type": metrics.registry.contentType },
          });
        },
      },
      fetch: () => new Response("Not found\n", { status: 404 }),
    });
  } catch (error) {
    throw new Error(
      `Port ${port} (PODIUM_RUNNER_PORT) can't be used: ${error instanceof Error ? error.message : error}`,
    );
  }
}
