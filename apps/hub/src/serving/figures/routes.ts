import { z } from "@hono/zod-openapi";
import { endpointSeriesSchema, figuresQuerySchema, figuresReportSchema, slugSchema } from "@podium/shared";
import { createRouter, json, jsonBody, route } from "../../platform/http.ts";
import { endpointFor } from "../endpoint-for.ts";
import { requireGateway } from "../routes.ts";
import { readEndpointFigures } from "./read-figures.ts";
import { takeFigures } from "./take-figures.ts";
import { DEFAULT_KEPT, type KeptFigures } from "./trim-figures.ts";

/** @param kept how long minutes are kept, milliseconds */
export function endpointFiguresRoutes(kept: KeptFigures = DEFAULT_KEPT) {
  const router = createRouter();
  router.openapi(
    route({
      method: "get",
      path: "/endpoints/{name}/figures",
      tags: ["serving"],
      summary: "Calls, errors, latency and batches of an endpoint over time",
      request: { params: z.object({ name: slugSchema }), query: figuresQuerySchema },
      responses: { 200: json(endpointSeriesSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { endpoint } = await endpointFor(ctx, c.req.valid("param").name);
      return c.json(await readEndpointFigures(ctx, endpoint.id, c.req.valid("query"), kept), 200);
    },
  );
  return router;
}

export function gatewayFiguresRoutes() {
  const router = createRouter();
  router.openapi(
    route({
      method: "post",
      path: "/gateway/figures",
      tags: ["gateway"],
      summary: "What happened in a minute; a repeated report changes nothing",
      request: jsonBody(figuresReportSchema),
      responses: { 204: { description: "Done" } },
    }),
    async (c) => {
      requireGateway(c.var.ctx);
      await takeFigures(c.var.ctx, c.req.valid("json"));
      return c.body(null, 204);
    },
  );
  return router;
}
