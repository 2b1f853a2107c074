import { OpenAPIHono } from "@hono/zod-openapi";
import { DomainError } from "@podium/shared";
import { type Auth, accountRoutes, type Identifier } from "./accounts/index.ts";
import { competitionRoutes } from "./competitions/index.ts";
import { creditRoutes } from "./credits/index.ts";
import { dataRoutes } from "./data/index.ts";
import { leaderboardRoutes } from "./leaderboards/index.ts";
import { monitoringRoutes, observeCluster } from "./monitoring/index.ts";
import { authenticateNode, nodeRoutes } from "./nodes/index.ts";
import { notificationRoutes } from "./notifications/index.ts";
import type { Actor, Context } from "./platform/context.ts";
import { answerError, type HttpEnv } from "./platform/http.ts";
import { idempotencyOf } from "./platform/idempotency.ts";
import type { Live } from "./platform/live.ts";
import type { Metrics } from "./platform/metrics.ts";
import { secretsEqual } from "./platform/secrets.ts";
import { serveWeb } from "./platform/web.ts";
import { gatewayRoutes, servingRoutes } from "./serving/index.ts";
import { type NodeLinks, runnerRoutes, sessionRoutes } from "./sessions/index.ts";
import { resolveActor, teamRoutes } from "./teams/index.ts";
import { runnerRecordRoutes, trackingRoutes } from "./tracking/index.ts";
import { tuningRoutes } from "./tuning/index.ts";

export interface AppOptions {
  ctx: Context;
  auth: Auth;
  identifier: Identifier;
  live: Live;
  links: NodeLinks;
  metrics: Metrics;
  gatewayToken: string;
  joinToken: string | undefined;
  webDist: string | undefined;
  isReady: () => Promise<boolean>;
}

export const API_BASE = "/api/v1";

/** The hub's HTTP face: who asks is found out once, here; every route then decides by its context alone. */
export function createApp(options: AppOptions) {
  const app = new OpenAPIHono<HttpEnv>();
  const { ctx, metrics } = options;
  app.onError(answerError);

  app.use("*", async (c, next) => {
    const startedAt = ctx.clock.now().getTime();
    const requestId = c.req.header("x-request-id")?.slice(0, 64) ?? ctx.ids.next("event").slice(4);
    c.set("requestId", requestId);
    c.set("ctx", ctx);
    c.header("x-request-id", requestId);
    await next();
    const route = c.req.routePath.includes("*") ? "other" : c.req.routePath;
    metrics.requests.observe(
      { method: c.req.method, route, status: c.res.status },
      (ctx.clock.now().getTime() - startedAt) / 1000,
    );
  });

  app.get("/healthz", (c) => c.text("ok"));
  app.get("/readyz", async (c) => ((await options.isReady()) ? c.text("ready") : c.text("not ready", 503)));
  app.get("/metrics", async (c) => {
    await observeCluster({ ...ctx, actor: { kind: "system" } }, metrics);
    return c.text(await metrics.registry.metrics(), 200, { "content-type": metrics.registry.contentType });
  });

  app.use(`${API_BASE}/*`, async (c, next) => {
    const actor = await identify(options, c.req.raw.headers);
    refuseForgery(options, c.req.raw, actor);
    const idempotency = await idempotencyOf(c.req.raw, actor);
    c.set("ctx", { ...ctx, actor, ...(idempotency ? { idempotency } : {}) });
    await next();
  });
  mountRoutes(app, options);
  app.all(`${API_BASE}/*`, (c) => {
    throw new DomainError(
      "not_found",
      `There is no ${c.req.method} ${c.req.path}. The API is described at ${API_BASE}/openapi.yaml.`,
    );
  });
  app.get("*", (c) => serveWeb(options.webDist, c.req.path));
  return app;
}

/** Every route of the API, in the order of the domains; openapi.yaml is made from these. */
export function mountRoutes(
  app: OpenAPIHono<HttpEnv>,
  options: Pick<AppOptions, "auth" | "identifier" | "live" | "links" | "joinToken">,
) {
  const routers = [
    teamRoutes(options.auth),
    accountRoutes(options.auth, options.identifier),
    creditRoutes(),
    dataRoutes(),
    nodeRoutes(options.joinToken),
    sessionRoutes(options.live),
    trackingRoutes(),
    tuningRoutes(),
    competitionRoutes(options.live),
    leaderboardRoutes(),
    servingRoutes(),
    monitoringRoutes(),
    notificationRoutes(),
    runnerRoutes(options.links),
    runnerRecordRoutes(),
    gatewayRoutes(options.live),
  ];
  for (const router of routers) app.route(API_BASE, router);
}

async function identify({ ctx, identifier, gatewayToken }: AppOptions, headers: Headers): Promise<Actor> {
  const token = /^Bearer\s+(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  if (token?.startsWith("pnt_")) {
    const nodeId = await authenticateNode(ctx.db, token);
    return nodeId ? { kind: "node", nodeId } : { kind: "anonymous" };
  }
  if (token && secretsEqual(token, gatewayToken)) return { kind: "gateway" };
  const identity = await identifier.identify(headers);
  return identity ? resolveActor(ctx, identity) : { kind: "anonymous" };
}

/** A browser's cookie travels with requests that other sites cause: writes must come from our own pages. */
function refuseForgery({ ctx }: AppOptions, request: Request, actor: Actor): void {
  const origin = request.headers.get("origin");
  const reading = request.method === "GET" || request.method === "HEAD";
  if (reading || actor.kind !== "user" || request.headers.has("authorization") || origin === null) return;
  const own = [new URL(ctx.settings.publicUrl).host, request.headers.get("host")];
  if (!own.includes(new URL(origin).host))
    throw new DomainError("forbidden", "This request came from another site.");
}
