import { z } from "@hono/zod-openapi";
import {
  addVersionSchema,
  createDatasetSchema,
  datasetDiffSchema,
  datasetSchema,
  datasetSortSchema,
  datasetVersionSchema,
  editDatasetSchema,
  renameDatasetSchema,
  slugSchema,
  tagSchema,
} from "@podium/shared";
import { requireUser, resolveTeam } from "../../platform/context.ts";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import { addVersion } from "./add-version.ts";
import { createDataset } from "./create-dataset.ts";
import { diffVersions } from "./diff-versions.ts";
import { editDataset } from "./edit-dataset.ts";
import { positionAfter, readPosition } from "./position.ts";
import { type FindUses, removeDataset, removeVersion } from "./remove-dataset.ts";
import { renameDataset } from "./rename-dataset.ts";
import { readableDataset, readerOf, showDataset, showVersion } from "./show.ts";
import { listDatasets, listVersions } from "./store.ts";

const tags = ["data"];
const named = z.object({ team: slugSchema, name: slugSchema });
const versionNumber = z.coerce
  .number()
  .int()
  .positive()
  .max(2 ** 31 - 1);
const gone = { 204: { description: "Removed" } };

const listQuery = pageQuery.extend({
  q: z.string().max(200).optional().describe("Words that the name, description or tags hold"),
  tag: z.union([tagSchema, z.array(tagSchema).max(10)]).optional(),
  sort: datasetSortSchema
    .default("name")
    .describe("`name` is by team/name; all others begin with the largest or latest"),
});
const diffQuery = z.object({
  from: versionNumber.optional().describe("Default: the version before `to`"),
  to: versionNumber.optional().describe("Default: the newest"),
  limit: z.coerce.number().int().min(1).max(10_000).default(200),
  after: z.string().max(1024).optional(),
});

/** Datasets and their versions. `uses` say what other domains still need a dataset for, when one is to be removed. */
export function datasetRoutes(uses: readonly FindUses[]) {
  const router = createRouter();

  router.openapi(
    route({
      method: "get",
      path: "/datasets",
      tags,
      summary: "Datasets that you may read",
      request: { query: listQuery },
      responses: { 200: json(page(datasetSchema)) },
    }),
    async (c) => {
      const { ctx } = c.var;
      requireUser(ctx);
      const { limit, after, q = "", tag = [], sort } = c.req.valid("query");
      const search = {
        words: q.normalize("NFC").split(/\s+/).filter(Boolean).slice(0, 10),
        tags: [tag].flat(),
        sort,
        after: readPosition(sort, after),
      };
      const rows = await listDatasets(ctx.db, readerOf(ctx), search, limit + 1);
      const { items, next } = cutPage(rows, limit, (row) => positionAfter(sort, row));
      return c.json({ items: items.map(showDataset), next }, 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/datasets",
      tags,
      summary: "Make a dataset",
      request: jsonBody(createDatasetSchema),
      responses: { 201: json(datasetSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { team: slug, ...input } = c.req.valid("json");
      const team = resolveTeam(ctx, slug);
      await inTransaction(ctx, (tx) => createDataset(ctx, tx, { teamId: team.id, ...input }));
      return c.json(showDataset(await readableDataset(ctx, ctx.db, team.slug, input.name)), 201);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/datasets/{team}/{name}",
      tags,
      summary: "A dataset",
      request: { params: named },
      responses: { 200: json(datasetSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      requireUser(ctx);
      const { team, name } = c.req.valid("param");
      return c.json(showDataset(await readableDataset(ctx, ctx.db, team, name)), 200);
    },
  );
  router.openapi(
    route({
      method: "patch",
      path: "/datasets/{team}/{name}",
      tags,
      summary: "Change a dataset's description, tags or visibility",
      request: { params: named, ...jsonBody(editDatasetSchema) },
      responses: { 200: json(datasetSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      requireUser(ctx);
      const { team, name } = c.req.valid("param");
      const changes = c.req.valid("json");
      await inTransaction(ctx, (tx) => editDataset(ctx, tx, { team, name, changes }));
      return c.json(showDataset(await readableDataset(ctx, ctx.db, team, name)), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/datasets/{team}/{name}/rename",
      tags,
      summary: "Give a dataset another name; the old one is free at once",
      request: { params: named, ...jsonBody(renameDatasetSchema) },
      responses: { 200: json(datasetSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      requireUser(ctx);
      const { team, name } = c.req.valid("param");
      const { name: to } = c.req.valid("json");
      await inTransaction(ctx, (tx) => renameDataset(ctx, tx, { team, name, to }));
      return c.json(showDataset(await readableDataset(ctx, ctx.db, team, to)), 200);
    },
  );
  router.openapi(
    route({
      method: "delete",
      path: "/datasets/{team}/{name}",
      tags,
      summary: "Remove a dataset that nothing uses, with all its versions",
      request: { params: named },
      responses: gone,
    }),
    async (c) => {
      const { ctx } = c.var;
      requireUser(ctx);
      await inTransaction(ctx, (tx) => removeDataset(ctx, tx, c.req.valid("param"), uses));
      return c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/datasets/{team}/{name}/versions",
      tags,
      summary: "Versions of a dataset, newest first",
      request: { params: named },
      responses: { 200: json(z.object({ items: z.array(datasetVersionSchema) })) },
    }),
    async (c) => {
      const { ctx } = c.var;
      requireUser(ctx);
      const { team, name } = c.req.valid("param");
      const { id } = await readableDataset(ctx, ctx.db, team, name);
      return c.json({ items: (await listVersions(ctx.db, id)).map(showVersion) }, 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/datasets/{team}/{name}/versions",
      tags,
      summary: "Add a version to a dataset of your team",
      request: { params: named, ...jsonBody(addVersionSchema) },
      responses: { 201: json(datasetVersionSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      requireUser(ctx);
      const { team, name } = c.req.valid("param");
      const { tree_id: treeId, note } = c.req.valid("json");
      const dataset = await readableDataset(ctx, ctx.db, team, name);
      return c.json(
        await inTransaction(ctx, (tx) => addVersion(ctx, tx, { datasetId: dataset.id, treeId, note })),
        201,
      );
    },
  );
  router.openapi(
    route({
      method: "delete",
      path: "/datasets/{team}/{name}/versions/{number}",
      tags,
      summary: "Remove a version that nothing uses",
      request: { params: named.extend({ number: versionNumber }) },
      responses: gone,
    }),
    async (c) => {
      const { ctx } = c.var;
      requireUser(ctx);
      await inTransaction(ctx, (tx) => removeVersion(ctx, tx, c.req.valid("param"), uses));
      return c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/datasets/{team}/{name}/diff",
      tags,
      summary: "What changed between two versions, by path",
      request: { params: named, query: diffQuery },
      responses: { 200: json(datasetDiffSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      requireUser(ctx);
      return c.json(await diffVersions(ctx, { ...c.req.valid("param"), ...c.req.valid("query") }), 200);
    },
  );
  return router;
}
