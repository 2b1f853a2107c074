import { z } from "@hono/zod-openapi";
import { editEndpointSchema, endpointSettingsSchema, slugSchema } from "@podium/shared";
import { createRouter, json, jsonBody, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import { endpointFor } from "../endpoint-for.ts";
import { editEndpoint } from "./edit-endpoint.ts";
import { showSettings } from "./show.ts";

export function settingsRoutes() {
  const router = createRouter();
  router.openapi(
    route({
      method: "patch",
      path: "/endpoints/{name}",
      tags: ["serving"],
      summary: "Change how an endpoint may be called",
      request: { params: z.object({ name: slugSchema }), ...jsonBody(editEndpointSchema) },
      responses: { 200: json(endpointSettingsSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { name } = c.req.valid("param");
      const { endpoint } = await endpointFor(ctx, name);
      await inTransaction(ctx, async (tx) => {
        await editEndpoint(ctx, tx, endpoint.id, c.req.valid("json"));
        return {};
      });
      return c.json(showSettings((await endpointFor(ctx, name)).endpoint), 200);
    },
  );
  return router;
}
