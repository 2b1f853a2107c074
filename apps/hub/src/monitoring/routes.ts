import { z } from "@hono/zod-openapi";
import { requireUser } from "../platform/context.ts";
import { createRouter, json, route } from "../platform/http.ts";
import { readCluster } from "./cluster.ts";

const clusterSchema = z
  .object({
    nodes: z.number().int(),
    devices: z.number().int(),
    devices_in_use: z.number().int(),
    sessions_running: z.number().int(),
    sessions_queued: z.number().int(),
  })
  .meta({ id: "Cluster" });

export function monitoringRoutes() {
  const router = createRouter();
  router.openapi(
    route({
      method: "get",
      path: "/cluster",
      tags: ["monitoring"],
      summary: "What the cluster does right now",
      responses: { 200: json(clusterSchema) },
    }),
    async (c) => {
      requireUser(c.var.ctx);
      const { states: _, ...cluster } = await readCluster(c.var.ctx);
      return c.json(cluster, 200);
    },
  );
  return router;
}
