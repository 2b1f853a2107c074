import { OpenAPIHono } from "@hono/zod-openapi";
import { competitionJsonSchema, DomainError } from "@podium/shared";
import type { Context as HonoContext } from "hono";
import { bodyLimit } from "hono/body-limit";
import { matchedRoutes } from "hono/route";
import { type Auth, accountRoutes, type Identifier } from "./accounts/index.ts";
import {
  competitionRoutes,
  followMembers,
  roundsUsing,
  submissionsNaming,
  submissionsOfCheckpoint,
} from "./competitions/index.ts";
import { creditRoutes } from "./credits/index.ts";
import { dataRoutes, datasetRoutes } from "./data/index.ts";
import { FORGET_CONTEST } from "./forget-contest.ts";
import { leaderboardRoutes } from "./leaderboards/index.ts";
import { type MonitorSettings, monitoringRoutes, observeCluster } from "./monitoring/index.ts";
import { authenticateNode, nodeRoutes } from "./nodes/index.ts";
import { type NotificationOptions, notificationRoutes } from "./notifications/index.ts";
import type { AttemptLimiter } from "./platform/attempt-limiter.ts";
import type { Actor, Context } from "./platform/context.ts";
import type { Drain } from "./platform/drain.ts";
import { addressOf, answerError, bearerOf, type HttpEnv, isFileAddress } from "./platform/http.ts";
import { idempotencyOf } from "./platform/idempotency.ts";
import type { Live } from "./platform/live.ts";
import type { Metrics } from "./platform/metrics.ts";
import { secretsEqual } from "./platform/secrets.ts";
import { createUploadLimiter } from "./platform/upload-limiter.ts";
import { serveWeb } from "./platform/web.ts";
import { scoringRoutes } from "./scoring/index.ts";
import {
  batchInferenceRoutes,
  bindingsServing,
  endpointFiguresRoutes,
  gatewayFiguresRoutes,
  gatewayOrigins,
  gatewayRoutes,
  keyRoutes,
  rolloutRoutes,
  servingRoutes,
  settingsRoutes,
  trafficRoutes,
} from "./serving/index.ts";
import {
  type Exchange,
  type NodeLinks,
  runnerRoutes,
  sessionRoutes,
  sessionsUsing,
} from "./sessions/index.ts";
import { resolveActor, teamRoutes } from "./teams/index.ts";
import { holdCheckpoint, runnerRecordRoutes, trackingRoutes } from "./tracking/index.ts";
import { studiesTrying, studiesUsing, tuningRoutes } from "./tuning/index.ts";

export interface AppOptions {
  ctx: Context;
  auth: Auth;
  identifier: Identifier;
  live: Live;
  links: NodeLinks;
  exchange: Exchange;
  metrics: Metrics;
  attempts: AttemptLimiter;
  drain: Drain;
  gatewayToken: string;
  joinToken: string | undefined;
  /** whether X-Forwarded-For is the work of our own proxy */
  trustProxy: boolean;
  webDist: string | undefined;
  notifications?: NotificationOptions;
  /** how long figures are kept */
  kept?: MonitorSettings["kept"];
  isReady: () => Promise<boolean>;
  /** Writes the API's description; asked for once. */
  describe: () => string;
}

const API_BASE = "/api/v1";

const MIB = 1024 ** 2;
const tooLarge = (maxBytes: number) => () => {
  throw new DomainError("payload_too_large", `A request may have at most ${maxBytes} bytes here.`, {
    max_bytes: maxBytes,
  });
};
const bodyOfAtMost = (maxSize: number) => bodyLimit({ maxSize, onError: tooLarge(maxSize) });
/** A tree of 200,000 files, or 1,000 long lines of a log, fit. */
const knownBody = bodyOfAtMost(128 * MIB);
/** What one user may send at once: files, of at most 8 MiB in memory each; other bodies that may be large. */
const FILES_AT_ONCE = 16;
const LARGE_AT_ONCE = 2;
/** Log-in, sign-up and joining are all that strangers may send. */
const strangersBody = bodyOfAtMost(MIB / 16);

/** The hub's HTTP face: who asks is found out once, here; every route then decides by its context alone. */
export function createApp(options: AppOptions) {
  const app = new OpenAPIHono<HttpEnv>();
  const { ctx, metrics, drain } = options;
  app.onError(answerError);

  app.use("*", async (c, next) => {
    const startedAt = ctx.clock.now().getTime();
    const requestId = c.req.header("x-request-id")?.slice(0, 64) ?? ctx.ids.next("event").slice(4);
    c.set("requestId", requestId);
    c.set("address", addressOf(c, options.trustProxy));
    c.set("ctx", ctx);
    await (isReading(c.req.raw) ? next() : drain.during(next));
    c.header("x-request-id", requestId);
    c.header("x-content-type-options", "nosniff");
    metrics.requests.observe(
      { method: c.req.method, route: routeOf(c), status: c.res.status },
      (ctx.clock.now().getTime() - startedAt) / 1000,
    );
  });

  app.get("/healthz", (c) => c.text("ok"));
  app.get("/readyz", async (c) => ((await options.isReady()) ? c.text("ready") : c.text("not ready", 503)));
  app.get("/metrics", async (c) => {
    await observeCluster({ ...ctx, actor: { kind: "system" } }, metrics);
    return c.text(await metrics.registry.metrics(), 200, { "content-type": metrics.registry.contentType });
  });
  let description: string | undefined;
  app.get(`${API_BASE}/openapi.yaml`, (c) => {
    description ??= options.describe();
    return c.body(description, 200, { "content-type": "application/yaml; charset=utf-8" });
  });

  let schema: string | undefined;
  app.get("/schemas/competition.json", (c) => {
    schema ??= JSON.stringify(competitionJsonSchema());
    // Editors fetch it from anywhere, without a login.
    const headers = { "access-control-allow-origin": "*", "cache-control": "public, max-age=3600" };
    return c.body(schema, 200, { "content-type": "application/schema+json; charset=utf-8", ...headers });
  });

  guardApi(app, options);
  mountRoutes(app, options);
  app.all(`${API_BASE}/*`, (c) => {
    throw new DomainError(
      "not_found",
      `There is no ${c.req.method} ${c.req.path}. The API is described at ${API_BASE}/openapi.yaml.`,
    );
  });
  app.get("*", (c) => serveWeb(options.webDist, c.req.path, () => gatewayOrigins(options.ctx)));
  return app;
}

/** What every request to the API goes through before its route: who asks, from where, how much, and for the first time? */
function guardApi(app: OpenAPIHono<HttpEnv>, options: AppOptions): void {
  const { ctx } = options;
  app.use(`${API_BASE}/*`, async (c, next) => {
    refuseForgery(options, c.req.raw);
    c.set("ctx", { ...ctx, actor: await identify(options, c.req.raw.headers) });
    await next();
    if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
  });
  app.use(`${API_BASE}/*`, (c, next) => {
    // Files are streamed to disk, under the store's own limit, and only for those who may.
    if (isFileAddress(c.req.path)) return next();
    return (c.var.ctx.actor.kind === "anonymous" ? strangersBody : knownBody)(c, next);
  });
  const uploads = createUploadLimiter();
  app.use(`${API_BASE}/*`, (c, next) => {
    const { actor } = c.var.ctx;
    if (actor.kind !== "user" || isReading(c.req.raw)) return next();
    if (isFileAddress(c.req.path)) return uploads.during(`files ${actor.userId}`, FILES_AT_ONCE, next);
    return mayBeLarge(c.req.raw) ? uploads.during(`large ${actor.userId}`, LARGE_AT_ONCE, next) : next();
  });
  app.use(`${API_BASE}/*`, async (c, next) => {
    const idempotency = await idempotencyOf(c.req.raw, c.var.ctx.actor);
    if (idempotency) c.set("ctx", { ...c.var.ctx, idempotency });
    await next();
  });
}

/** Every route of the API, in the order of the domains; openapi.yaml is made from these. */
export function mountRoutes(
  app: OpenAPIHono<HttpEnv>,
  options: Pick<
    AppOptions,
    | "auth"
    | "identifier"
    | "attempts"
    | "live"
    | "links"
    | "exchange"
    | "joinToken"
    | "kept"
    | "notifications"
  >,
) {
  const routers = [
    teamRoutes(options.auth, options.attempts, {
      rules: [followMembers],
      sendsMail: options.notifications?.sendsMail ?? false,
    }),
    accountRoutes(options.auth, options.identifier, options.attempts),
    creditRoutes(),
    dataRoutes(),
    datasetRoutes([sessionsUsing, studiesUsing, roundsUsing]),
    nodeRoutes(options.joinToken),
    sessionRoutes(options.live, {
      exchange: options.exchange,
      findCheckpoint: holdCheckpoint,
      uses: [submissionsNaming, studiesTrying, bindingsServing],
    }),
    trackingRoutes([submissionsOfCheckpoint]),
    tuningRoutes(),
    competitionRoutes(options.live, FORGET_CONTEST),
    leaderboardRoutes(options.live),
    scoringRoutes(),
    servingRoutes(),
    trafficRoutes(),
    rolloutRoutes(),
    batchInferenceRoutes(),
    keyRoutes(),
    settingsRoutes(),
    endpointFiguresRoutes(options.kept),
    monitoringRoutes(options.kept),
    notificationRoutes(options.notifications),
    runnerRoutes(options.links, options.exchange),
    runnerRecordRoutes(),
    gatewayRoutes(options.live),
    gatewayFiguresRoutes(),
  ];
  for (const router of routers) app.route(API_BASE, router);
}

async function identify({ ctx, identifier, gatewayToken }: AppOptions, headers: Headers): Promise<Actor> {
  const token = bearerOf(headers);
  if (token?.startsWith("pnt_")) {
    const nodeId = await authenticateNode(ctx.db, token);
    return nodeId ? { kind: "node", nodeId } : { kind: "anonymous" };
  }
  if (token && secretsEqual(token, gatewayToken)) return { kind: "gateway" };
  const identity = await identifier.identify(headers);
  return identity ? resolveActor(ctx, identity) : { kind: "anonymous" };
}

const isReading = (request: Request) => request.method === "GET" || request.method === "HEAD";

/** A body comes with its length, or in chunks, of which there may be any number. */
function mayBeLarge({ headers }: Request): boolean {
  return Number(headers.get("content-length")) > MIB || headers.has("transfer-encoding");
}

/**
 * A browser's cookie travels with requests that other sites cause, and logging in sets it: writes must come from
 * our own pages. No other site can make a browser send a bearer token.
 */
function refuseForgery({ ctx }: AppOptions, request: Request): void {
  const origin = request.headers.get("origin");
  if (isReading(request) || origin === null || bearerOf(request.headers) !== null) return;
  const own = [new URL(ctx.settings.publicUrl).host, request.headers.get("host")];
  if (!own.includes(URL.parse(origin)?.host ?? "another"))
    throw new DomainError("forbidden", "This request came from another site.");
}

/** The route as it was declared, for metrics: addresses themselves would be a label without end. */
function routeOf(c: HonoContext<HttpEnv>): string {
  const { path } = matchedRoutes(c).findLast((route) => !route.path.includes("*")) ?? {};
  return path ?? "other";
}
