import { z } from "@hono/zod-openapi";
import {
  bindingSchema,
  changeScalingSchema,
  gatewayLoadSchema,
  heldProgressSchema,
  idSchema,
  slugSchema,
} from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { createRouter, json, jsonBody, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import type { EndpointRow } from "../store.ts";
import { scaleBinding } from "./scale-binding.ts";
import { takeLoad } from "./take-load.ts";

interface ReplicaRouteOptions {
  /** the endpoint of this name; throws `not_found` unless the caller may change it */
  endpointFor(ctx: Context, name: string): Promise<{ endpoint: EndpointRow }>;
  showBinding(ctx: Context, endpoint: EndpointRow, id: string): Promise<z.infer<typeof bindingSchema>>;
  requireGateway(ctx: Context): void;
}

export function replicaRoutes({ endpointFor, showBinding, requireGateway }: ReplicaRouteOptions) {
  const router = createRouter();
  router.openapi(
    route({
      method: "patch",
      path: "/endpoints/{name}/bindings/{id}/scaling",
      tags: ["serving"],
      summary: "Change how many replicas a model may have",
      request: {
        params: z.object({ name: slugSchema, id: idSchema("binding") }),
        ...jsonBody(changeScalingSchema),
      },
      responses: { 200: json(bindingSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { name, id } = c.req.valid("param");
      const { endpoint } = await endpointFor(ctx, name);
      await inTransaction(ctx, async (tx) => {
        await scaleBinding(ctx, tx, endpoint.id, id, c.req.valid("json"));
        return {};
      });
      return c.json(await showBinding(ctx, endpoint, id), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/gateway/load",
      tags: ["gateway"],
      summary: "What waits and runs at a gateway; answers what held calls wait for",
      request: jsonBody(gatewayLoadSchema),
      responses: { 200: json(heldProgressSchema) },
    }),
    async (c) => {
      requireGateway(c.var.ctx);
      return c.json(await takeLoad(c.var.ctx, c.req.valid("json")), 200);
    },
  );
  return router;
}
