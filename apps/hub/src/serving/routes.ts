import { z } from "@hono/zod-openapi";
import {
  bindingSchema,
  createBindingSchema,
  createEndpointKeySchema,
  createEndpointSchema,
  DomainError,
  endpointSchema,
  gatewayHeartbeatSchema,
  type Id,
  idSchema,
  newEndpointKeySchema,
  routeTableSchema,
  slugSchema,
  usageReportSchema,
} from "@podium/shared";
import { type Context, isAdmin, mayUseTeam, requireUser, visibleTeams } from "../platform/context.ts";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../platform/http.ts";
import type { Live } from "../platform/live.ts";
import { inTransaction } from "../platform/transaction.ts";
import { bindModel } from "./bind.ts";
import { createEndpoint } from "./create-endpoint.ts";
import { createKey } from "./create-key.ts";
import { gatewaysUp } from "./describe.ts";
import { type ClusterLoad, readClusterLoad } from "./replicas/cluster-load.ts";
import { replicaRoutes } from "./replicas/routes.ts";
import { showReplicas } from "./replicas/show-replicas.ts";
import { routeTable } from "./route-table.ts";
import { routesChanged } from "./routes-changed.ts";
import {
  type BindingRow,
  bindingsOf,
  currentVersion,
  deleteKey,
  type EndpointRow,
  findBinding,
  findEndpoint,
  listEndpoints,
  saveGateway,
} from "./store.ts";
import { takeUsage } from "./take-usage.ts";
import { unbindModel } from "./unbind.ts";

const tags = ["serving"];
const named = { params: z.object({ name: slugSchema }) };
const done = { 204: { description: "Done" } };

const showBinding = async (ctx: Context, row: BindingRow, cluster: ClusterLoad) => ({
  id: row.id as Id<"binding">,
  version: row.version,
  model: row.model,
  weight: row.weight,
  state: row.state,
  failure: row.failure,
  session_id: (row.sessionId ?? "") as Id<"session">,
  ...(await showReplicas(ctx, row.id, cluster)),
});

async function showBindingById(ctx: Context, id: string) {
  const row = await findBinding(ctx.db, id);
  if (!row) throw new DomainError("not_found", "This endpoint has no such binding.");
  return showBinding(ctx, row, await readClusterLoad(ctx));
}

async function showEndpoint(ctx: Context, endpoint: EndpointRow, team: string) {
  const cluster = await readClusterLoad(ctx);
  const rows = (await bindingsOf(ctx.db, endpoint.id)).filter((row) => row.state !== "stopped");
  const urls = (await gatewaysUp(ctx)).map((gateway) => `${gateway.publicUrl}/${endpoint.name}`);
  return {
    id: endpoint.id as Id<"endpoint">,
    name: endpoint.name,
    team,
    public: endpoint.public,
    urls,
    bindings: await Promise.all(rows.map((row) => showBinding(ctx, row, cluster))),
  };
}

async function endpointFor(ctx: Context, name: string) {
  requireUser(ctx);
  const found = await findEndpoint(ctx.db, { name });
  if (!found || !mayUseTeam(ctx, found.endpoint.teamId))
    throw new DomainError("not_found", `You have no endpoint called "${name}".`);
  return found;
}

export function servingRoutes() {
  const router = createRouter();

  router.openapi(
    route({
      method: "post",
      path: "/endpoints",
      tags,
      summary: "Make an endpoint",
      request: jsonBody(createEndpointSchema),
      responses: { 201: json(endpointSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { id } = await inTransaction(ctx, async (tx) => ({
        id: await createEndpoint(ctx, tx, c.req.valid("json")),
      }));
      const found = await findEndpoint(ctx.db, { id });
      if (!found) throw new Error("The endpoint is gone.");
      return c.json(await showEndpoint(ctx, found.endpoint, found.team), 201);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/endpoints",
      tags,
      summary: "Endpoints of your teams",
      request: { query: pageQuery },
      responses: { 200: json(page(endpointSchema)) },
    }),
    async (c) => {
      const { ctx } = c.var;
      requireUser(ctx);
      const { limit, after } = c.req.valid("query");
      const { items, next } = cutPage(
        await listEndpoints(ctx.db, visibleTeams(ctx), limit + 1, after),
        limit,
        (row) => row.endpoint.id,
      );
      return c.json(
        {
          items: await Promise.all(items.map(({ endpoint, team }) => showEndpoint(ctx, endpoint, team))),
          next,
        },
        200,
      );
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/endpoints/{name}",
      tags,
      summary: "An endpoint",
      request: named,
      responses: { 200: json(endpointSchema) },
    }),
    async (c) => {
      const { endpoint, team } = await endpointFor(c.var.ctx, c.req.valid("param").name);
      return c.json(await showEndpoint(c.var.ctx, endpoint, team), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/endpoints/{name}/bindings",
      tags,
      summary: "Bind a session's checkpoint",
      request: { ...named, ...jsonBody(createBindingSchema) },
      responses: { 201: json(bindingSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { endpoint, team } = await endpointFor(ctx, c.req.valid("param").name);
      const { id } = await inTransaction(ctx, async (tx) => ({
        id: (await bindModel(ctx, tx, endpoint, { id: endpoint.teamId, slug: team }, c.req.valid("json"))).id,
      }));
      return c.json(await showBindingById(ctx, id), 201);
    },
  );
  router.openapi(
    route({
      method: "delete",
      path: "/endpoints/{name}/bindings/{id}",
      tags,
      summary: "Take a model off",
      request: { params: z.object({ name: slugSchema, id: idSchema("binding") }) },
      responses: done,
    }),
    async (c) => {
      const { ctx } = c.var;
      const { name, id } = c.req.valid("param");
      const { endpoint } = await endpointFor(ctx, name);
      await inTransaction(ctx, async (tx) => {
        await unbindModel(ctx, tx, endpoint.id, id);
        return {};
      });
      return c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/endpoints/{name}/keys",
      tags,
      summary: "Make an API key",
      request: { ...named, ...jsonBody(createEndpointKeySchema) },
      responses: { 201: json(newEndpointKeySchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { endpoint } = await endpointFor(ctx, c.req.valid("param").name);
      return c.json(
        // A stored answer would keep the secret: a retry makes another key instead.
        await ctx.db.transaction((tx) => createKey(ctx, tx, endpoint.id, c.req.valid("json"))),
        201,
      );
    },
  );
  router.openapi(
    route({
      method: "delete",
      path: "/endpoints/{name}/keys/{id}",
      tags,
      summary: "Revoke an API key",
      request: { params: z.object({ name: slugSchema, id: idSchema("endpointKey") }) },
      responses: done,
    }),
    async (c) => {
      const { ctx } = c.var;
      const { name, id } = c.req.valid("param");
      const { endpoint } = await endpointFor(ctx, name);
      await inTransaction(ctx, async (tx) => {
        if (!(await deleteKey(tx, endpoint.id, id)))
          throw new DomainError("not_found", "This endpoint has no such key.");
        await routesChanged(ctx, tx, endpoint.id);
        return {};
      });
      return c.body(null, 204);
    },
  );
  router.route("/", replicaRoutes({ endpointFor, showBinding: showBindingById, requireGateway }));
  return router;
}

function requireGateway(ctx: Context): void {
  if (ctx.actor.kind !== "gateway" && !isAdmin(ctx))
    throw new DomainError("unauthenticated", "Only a gateway may ask this: send PODIUM_GATEWAY_TOKEN.");
}

/** How long a gateway's question for a newer table is kept open. */
const LONG_POLL_MS = 25_000;

/** The next change of the routes, the end of the long poll, or the caller's leaving, whatever comes first. */
function nextChange(live: Live, gone: AbortSignal) {
  const { promise: happened, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LONG_POLL_MS);
  const unsubscribe = live.subscribe((event) => event.type === "routes.changed" && resolve());
  gone.addEventListener("abort", () => resolve(), { once: true });
  const forget = () => {
    clearTimeout(timer);
    unsubscribe();
  };
  return { happened, forget };
}

export function gatewayRoutes(live: Live) {
  const router = createRouter();
  const gateway = ["gateway"];

  router.openapi(
    route({
      method: "get",
      path: "/gateway/routes",
      tags: gateway,
      summary: "The route table, when it is newer than `after`; waits up to 25 s for one",
      request: { query: z.object({ after: z.coerce.number().int().min(-1).default(-1) }) },
      responses: { 200: json(routeTableSchema), 204: { description: "Nothing newer" } },
    }),
    async (c) => {
      const { ctx } = c.var;
      requireGateway(ctx);
      const { after } = c.req.valid("query");
      const change = nextChange(live, c.req.raw.signal);
      try {
        if ((await currentVersion(ctx.db)) <= after) await change.happened;
      } finally {
        change.forget();
      }
      const table = await routeTable(ctx);
      return table.version > after ? c.json(table, 200) : c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/gateway/heartbeat",
      tags: gateway,
      summary: "A gateway is up",
      request: jsonBody(gatewayHeartbeatSchema),
      responses: done,
    }),
    async (c) => {
      const { ctx } = c.var;
      requireGateway(ctx);
      const { gateway_id, replica_url, public_url } = c.req.valid("json");
      await saveGateway(ctx.db, {
        id: gateway_id,
        replicaUrl: replica_url,
        publicUrl: public_url,
        lastSeenAt: ctx.clock.now(),
      });
      return c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/gateway/usage",
      tags: gateway,
      summary: "Calls to charge for; a repeated report changes nothing",
      request: jsonBody(usageReportSchema),
      responses: done,
    }),
    async (c) => {
      requireGateway(c.var.ctx);
      await takeUsage(c.var.ctx, c.req.valid("json"));
      return c.body(null, 204);
    },
  );
  return router;
}
