import { z } from "@hono/zod-openapi";
import { createTreeSchema, missingBlobsSchema, sha256Schema, slugSchema, treeSchema } from "@podium/shared";
import { requireUser, resolveTeam } from "../platform/context.ts";
import { createRouter, json, jsonBody, route } from "../platform/http.ts";
import { inTransaction } from "../platform/transaction.ts";
import { recordPull } from "./catalog/record-access.ts";
import { createTree } from "./create-tree.ts";
import { putBlob } from "./put-blob.ts";
import { readTree, readTreeBlob } from "./read-tree.ts";
import { ownedBlobs } from "./store.ts";

const tags = ["data"];
const octets = { "application/octet-stream": { schema: z.string().meta({ format: "binary" }) } };

export function dataRoutes() {
  const router = createRouter();

  router.openapi(
    route({
      method: "post",
      path: "/blobs/missing",
      tags,
      summary: "Which files your team has not sent yet",
      request: jsonBody(missingBlobsSchema),
      responses: { 200: json(z.object({ missing: z.array(sha256Schema) })) },
    }),
    async (c) => {
      const { team, sha256 } = c.req.valid("json");
      const owned = await ownedBlobs(c.var.ctx.db, resolveTeam(c.var.ctx, team).id, sha256);
      return c.json({ missing: sha256.filter((hash) => !owned.has(hash)) }, 200);
    },
  );
  router.openapi(
    route({
      method: "put",
      path: "/blobs/{sha256}",
      tags,
      summary: "Send one file",
      request: {
        params: z.object({ sha256: sha256Schema }),
        query: z.object({ team: slugSchema.optional() }),
        body: { content: octets },
      },
      responses: { 204: { description: "Stored" } },
    }),
    async (c) => {
      const teamId = resolveTeam(c.var.ctx, c.req.valid("query").team).id;
      const body = (c.req.raw.body as unknown as AsyncIterable<Uint8Array> | null) ?? new Uint8Array(0);
      await putBlob(c.var.ctx, { teamId, sha256: c.req.valid("param").sha256, body });
      return c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/trees",
      tags,
      summary: "Name the files you sent as one tree",
      request: jsonBody(createTreeSchema),
      responses: { 201: json(z.object({ id: sha256Schema, size: z.number().int() })) },
    }),
    async (c) => {
      const { team, entries } = c.req.valid("json");
      const teamId = resolveTeam(c.var.ctx, team).id;
      return c.json(
        await inTransaction(c.var.ctx, (tx) => createTree(c.var.ctx, tx, { teamId, entries })),
        201,
      );
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/trees/{id}",
      tags,
      summary: "The files of a tree",
      request: { params: z.object({ id: sha256Schema }) },
      responses: { 200: json(treeSchema) },
    }),
    async (c) => {
      requireUser(c.var.ctx);
      const { id, size, entries } = await readTree(c.var.ctx, c.req.valid("param").id);
      await recordPull(c.var.ctx, id);
      return c.json({ id, size, entries }, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/trees/{id}/blobs/{sha256}",
      tags,
      summary: "One file of a tree",
      request: { params: z.object({ id: sha256Schema, sha256: sha256Schema }) },
      responses: { 200: { description: "The bytes", content: octets } },
    }),
    async (c) => {
      requireUser(c.var.ctx);
      const { id, sha256 } = c.req.valid("param");
      return new Response(await readTreeBlob(c.var.ctx, id, sha256), {
        headers: { "content-type": "application/octet-stream", "x-content-type-options": "nosniff" },
      });
    },
  );
  return router;
}
