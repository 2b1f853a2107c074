import { z } from "@hono/zod-openapi";
import {
  bindingSchema,
  createBindingSchema,
  createEndpointSchema,
  DomainError,
  endpointSchema,
  gatewayHeartbeatSchema,
  gatewayNewsSchema,
  idSchema,
  routeTableSchema,
  slugSchema,
  usageReportSchema,
  versionReportSchema,
} from "@podium/shared";
import { type Context, isAdmin, requireUser, visibleTeams } from "../platform/context.ts";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../platform/http.ts";
import type { Live } from "../platform/live.ts";
import { inTransaction } from "../platform/transaction.ts";
import { bindModel } from "./bind.ts";
import { createEndpoint } from "./create-endpoint.ts";
import { endpointFor } from "./endpoint-for.ts";
import { tellGateways } from "./keys/tell-gateways.ts";
import { readClusterLoad } from "./replicas/cluster-load.ts";
import { replicaRoutes } from "./replicas/routes.ts";
import { routeTable } from "./route-table.ts";
import { showBinding, showEndpoint } from "./show-endpoint.ts";
import {
  bindingsOf,
  currentVersion,
  type EndpointRow,
  findBinding,
  findEndpoint,
  listEndpoints,
  saveGateway,
} from "./store.ts";
import { takeUsage } from "./take-usage.ts";
import { unbindModel } from "./unbind.ts";
import { takeVersionReport } from "./versions/take-report.ts";

const tags = ["serving"];
const named = { params: z.object({ name: slugSchema }) };
const done = { 204: { description: "Done" } };

async function showBindingById(ctx: Context, endpoint: EndpointRow, id: string) {
  const row = await findBinding(ctx.db, id);
  if (!row) throw new DomainError("not_found", "This endpoint has no such binding.");
  return showBinding(ctx, row, await bindingsOf(ctx.db, endpoint.id), endpoint, await readClusterLoad(ctx));
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
      return c.json(await showBindingById(ctx, endpoint, id), 201);
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
  router.route("/", replicaRoutes({ endpointFor, showBinding: showBindingById, requireGateway }));
  return router;
}

/** @throws DomainError `unauthenticated` */
export function requireGateway(ctx: Context): void {
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
      summary: "A gateway is up; it hears of the others, and of what keys have used there",
      request: jsonBody(gatewayHeartbeatSchema),
      responses: { 200: json(gatewayNewsSchema) },
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
      return c.json(await tellGateways(ctx), 200);
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
  router.openapi(
    route({
      method: "post",
      path: "/gateway/versions",
      tags: gateway,
      summary: "What a gateway has counted of each version; a repeated report changes nothing",
      request: jsonBody(versionReportSchema),
      responses: done,
    }),
    async (c) => {
      requireGateway(c.var.ctx);
      await takeVersionReport(c.var.ctx, c.req.valid("json"));
      return c.body(null, 204);
    },
  );
  return router;
}
