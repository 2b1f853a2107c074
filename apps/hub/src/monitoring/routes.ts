import { z } from "@hono/zod-openapi";
import {
  clusterSeriesSchema,
  figuresQuerySchema,
  idSchema,
  nodeSeriesSchema,
  sessionAlertSchema,
  sessionSeriesSchema,
} from "@podium/shared";
import { requireUser } from "../platform/context.ts";
import { createRouter, json, route } from "../platform/http.ts";
import { readCluster } from "./cluster.ts";
import { readClusterSeries, readNodeSeries, readSessionSeries } from "./figures/read.ts";
import { DEFAULT_KEPT, type Kept } from "./figures/resolution.ts";
import { readSessionAlerts } from "./watch/read-alerts.ts";

const clusterSchema = z
  .object({
    nodes: z.number().int(),
    devices: z.number().int(),
    devices_in_use: z.number().int(),
    sessions_running: z.number().int(),
    sessions_queued: z.number().int(),
  })
  .meta({ id: "Cluster" });

const tags = ["monitoring"];

export function monitoringRoutes(kept: Kept = DEFAULT_KEPT) {
  const router = createRouter();
  router.openapi(
    route({
      method: "get",
      path: "/cluster",
      tags,
      summary: "What the cluster does right now",
      responses: { 200: json(clusterSchema) },
    }),
    async (c) => {
      requireUser(c.var.ctx);
      const { states: _, ...cluster } = await readCluster(c.var.ctx);
      return c.json(cluster, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/cluster/figures",
      tags,
      summary: "What the cluster did over time: devices in use, devices above 80 % utilisation, sessions",
      request: { query: figuresQuerySchema },
      responses: { 200: json(clusterSeriesSchema) },
    }),
    async (c) => c.json(await readClusterSeries(c.var.ctx, c.req.valid("query"), kept), 200),
  );
  router.openapi(
    route({
      method: "get",
      path: "/nodes/{name}/figures",
      tags,
      summary: "A node's figures over time",
      request: { params: z.object({ name: z.string().min(1).max(63) }), query: figuresQuerySchema },
      responses: { 200: json(nodeSeriesSchema) },
    }),
    async (c) =>
      c.json(await readNodeSeries(c.var.ctx, c.req.valid("param").name, c.req.valid("query"), kept), 200),
  );
  router.openapi(
    route({
      method: "get",
      path: "/sessions/{id}/figures",
      tags,
      summary: "How busy a session's devices are, or were; over its whole run unless told otherwise",
      request: { params: z.object({ id: idSchema("session") }), query: figuresQuerySchema },
      responses: { 200: json(sessionSeriesSchema) },
    }),
    async (c) =>
      c.json(await readSessionSeries(c.var.ctx, c.req.valid("param").id, c.req.valid("query"), kept), 200),
  );
  router.openapi(
    route({
      method: "get",
      path: "/sessions/{id}/alerts",
      tags,
      summary: "What is wrong with a session now: it does nothing, or leaves its GPUs idle",
      request: { params: z.object({ id: idSchema("session") }) },
      responses: { 200: json(z.object({ items: z.array(sessionAlertSchema) })) },
    }),
    async (c) => c.json({ items: await readSessionAlerts(c.var.ctx, c.req.valid("param").id) }, 200),
  );
  return router;
}
