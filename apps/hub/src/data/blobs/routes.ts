import { z } from "@hono/zod-openapi";
import {
  composeTeamFileSchema,
  missingBlobsSchema,
  sha256Schema,
  slugSchema,
  storedPackSchema,
} from "@podium/shared";
import { resolveTeam } from "../../platform/context.ts";
import { bodyOf, createRouter, json, jsonBody, octets, route } from "../../platform/http.ts";
import { composeFile } from "./compose.ts";
import { missingBlobs } from "./missing.ts";
import { putBlob } from "./put.ts";
import { putPack } from "./put-pack.ts";

const tags = ["data"];
const query = z.object({ team: slugSchema.optional() });

export function blobRoutes() {
  const router = createRouter();

  router.openapi(
    route({
      method: "post",
      path: "/blobs/missing",
      tags,
      summary: "Which files, and chunks of large ones, your team has not sent yet",
      request: jsonBody(missingBlobsSchema),
      responses: { 200: json(z.object({ missing: z.array(sha256Schema) })) },
    }),
    async (c) => {
      const { team, sha256 } = c.req.valid("json");
      const teamId = resolveTeam(c.var.ctx, team).id;
      return c.json({ missing: await missingBlobs(c.var.ctx, { teamId, sha256 }) }, 200);
    },
  );
  router.openapi(
    route({
      method: "put",
      path: "/blobs/{sha256}",
      tags,
      summary: "Send one file of at most 8 MiB, or a chunk of a larger one",
      request: { params: z.object({ sha256: sha256Schema }), query, body: { content: octets } },
      responses: { 204: { description: "Stored" } },
    }),
    async (c) => {
      const teamId = resolveTeam(c.var.ctx, c.req.valid("query").team).id;
      await putBlob(c.var.ctx, { teamId, sha256: c.req.valid("param").sha256, body: bodyOf(c) });
      return c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/blobs/pack",
      tags,
      summary: "Send many small files: for each its SHA-256 (32 bytes), size (u32, little-endian) and bytes",
      request: { query, body: { content: octets } },
      responses: { 200: json(storedPackSchema) },
    }),
    async (c) => {
      const teamId = resolveTeam(c.var.ctx, c.req.valid("query").team).id;
      return c.json(await putPack(c.var.ctx, { teamId, body: bodyOf(c) }), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/blobs/composed",
      tags,
      summary: "Name a file of more than 8 MiB, whose chunks you sent",
      request: jsonBody(composeTeamFileSchema),
      responses: { 204: { description: "Stored" } },
    }),
    async (c) => {
      const { team, ...file } = c.req.valid("json");
      await composeFile(c.var.ctx, { ...file, teamId: resolveTeam(c.var.ctx, team).id });
      return c.body(null, 204);
    },
  );
  return router;
}
