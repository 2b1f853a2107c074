import { z } from "@hono/zod-openapi";
import { createTreeSchema, fetchPackSchema, sha256Schema, treeSchema } from "@podium/shared";
import { requireUser, resolveTeam } from "../../platform/context.ts";
import {
  createRouter,
  fileAnswers,
  json,
  jsonBody,
  octets,
  rangeHeader,
  route,
} from "../../platform/http.ts";
import { answerFile, answerStream } from "../../platform/stream.ts";
import { inTransaction } from "../../platform/transaction.ts";
import { recordPull } from "../catalog/record-access.ts";
import { changeTree } from "../change-tree.ts";
import { createTree } from "../create-tree.ts";
import { readTree, readTreeBlob, readTreePack } from "../read-tree.ts";
import { treeJson } from "./json.ts";

const tags = ["data"];
const one = { params: z.object({ id: sha256Schema }) };

export function treeRoutes() {
  const router = createRouter();

  router.openapi(
    route({
      method: "post",
      path: "/trees",
      tags,
      summary:
        "Name the files you sent as one tree: all of them, or what is different from a tree that you have",
      request: jsonBody(createTreeSchema),
      responses: { 201: json(z.object({ id: sha256Schema, size: z.number().int() })) },
    }),
    async (c) => {
      const { team, entries, base, removed = [] } = c.req.valid("json");
      const { ctx } = c.var;
      const teamId = resolveTeam(ctx, team).id;
      const made = await inTransaction(ctx, (tx) =>
        base === undefined
          ? createTree(ctx, tx, { teamId, entries })
          : changeTree(ctx, tx, { teamId, base, entries, removed }),
      );
      return c.json(made, 201);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/trees/{id}",
      tags,
      summary: "The files of a tree",
      request: one,
      responses: { 200: json(treeSchema) },
    }),
    async (c) => {
      requireUser(c.var.ctx);
      const tree = await readTree(c.var.ctx, c.req.valid("param").id);
      await recordPull(c.var.ctx, tree.id);
      return answerStream(treeJson(c.var.ctx, tree), "application/json") as never;
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/trees/{id}/blobs/{sha256}",
      tags,
      summary: "One file of a tree",
      request: { params: one.params.extend({ sha256: sha256Schema }), headers: rangeHeader },
      responses: fileAnswers,
    }),
    async (c) => {
      requireUser(c.var.ctx);
      const { id, sha256 } = c.req.valid("param");
      return answerFile(await readTreeBlob(c.var.ctx, id, sha256), c.req.valid("header").range);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/trees/{id}/pack",
      tags,
      summary:
        "Many small files of a tree: for each its SHA-256 (32 bytes), size (u32, little-endian) and bytes",
      request: { ...one, ...jsonBody(fetchPackSchema) },
      responses: { 200: { description: "A pack, in the order asked", content: octets } },
    }),
    async (c) => {
      requireUser(c.var.ctx);
      const { id } = c.req.valid("param");
      return answerStream(await readTreePack(c.var.ctx, id, c.req.valid("json").sha256));
    },
  );
  return router;
}
