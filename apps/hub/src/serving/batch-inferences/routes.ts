import { z } from "@hono/zod-openapi";
import {
  batchInferenceSchema,
  DomainError,
  idSchema,
  slugSchema,
  startBatchInferenceSchema,
} from "@podium/shared";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import { endpointFor } from "../endpoint-for.ts";
import { showBatchInference } from "./show-batch-inference.ts";
import { startBatchInference } from "./start-batch-inference.ts";
import { findBatchInference, listBatchInferences } from "./store.ts";

const tags = ["serving"];
const params = z.object({ name: slugSchema });

export function batchInferenceRoutes() {
  const router = createRouter();

  router.openapi(
    route({
      method: "post",
      path: "/endpoints/{name}/batch-inferences",
      tags,
      summary: "Predict every row of a dataset's version in a session, and keep the predictions as a dataset",
      request: { params, ...jsonBody(startBatchInferenceSchema) },
      responses: { 201: json(batchInferenceSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { endpoint, team } = await endpointFor(ctx, c.req.valid("param").name);
      const { id } = await inTransaction(ctx, async (tx) => ({
        id: await startBatchInference(
          ctx,
          tx,
          endpoint,
          { id: endpoint.teamId, slug: team },
          c.req.valid("json"),
        ),
      }));
      const found = await findBatchInference(ctx.db, id);
      if (!found) throw new Error("The batch inference is gone.");
      return c.json(showBatchInference(found), 201);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/endpoints/{name}/batch-inferences",
      tags,
      summary: "Batch inferences of an endpoint, newest first",
      request: { params, query: pageQuery },
      responses: { 200: json(page(batchInferenceSchema)) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { endpoint } = await endpointFor(ctx, c.req.valid("param").name);
      const { limit, after } = c.req.valid("query");
      const rows = await listBatchInferences(ctx.db, endpoint.id, limit + 1, after);
      const { items, next } = cutPage(rows, limit, ({ batch }) => batch.id);
      return c.json({ items: items.map(showBatchInference), next }, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/endpoints/{name}/batch-inferences/{id}",
      tags,
      summary: "One batch inference",
      request: { params: params.extend({ id: idSchema("batchInference") }) },
      responses: { 200: json(batchInferenceSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { name, id } = c.req.valid("param");
      const { endpoint } = await endpointFor(ctx, name);
      const found = await findBatchInference(ctx.db, id);
      if (!found || found.batch.endpointId !== endpoint.id)
        throw new DomainError("not_found", `"${name}" has no batch inference ${id}.`);
      return c.json(showBatchInference(found), 200);
    },
  );
  return router;
}
