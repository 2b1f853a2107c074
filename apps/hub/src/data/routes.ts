import { z } from "@hono/zod-openapi";
import {
  createDatasetSchema,
  createTreeSchema,
  DomainError,
  datasetSchema,
  datasetVersionSchema,
  type Id,
  missingBlobsSchema,
  sha256Schema,
  slugSchema,
  treeSchema,
} from "@podium/shared";
import { type Context, requireUser, resolveTeam, visibleTeams } from "../platform/context.ts";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../platform/http.ts";
import { inTransaction } from "../platform/transaction.ts";
import { addVersion } from "./add-version.ts";
import { createDataset } from "./create-dataset.ts";
import { createTree } from "./create-tree.ts";
import { putBlob } from "./put-blob.ts";
import { readTree, readTreeBlob } from "./read-tree.ts";
import { findDataset, listDatasets, listVersions, ownedBlobs, type Reader } from "./store.ts";

const tags = ["data"];
const named = { params: z.object({ team: slugSchema, name: slugSchema }) };
const octets = { "application/octet-stream": { schema: z.string().meta({ format: "binary" }) } };

type Described = NonNullable<Awaited<ReturnType<typeof findDataset>>>;
const shown = ({ teamId: _, ...row }: Described) => ({
  ...row,
  id: row.id as Id<"dataset">,
  size_bytes: Number(row.size_bytes),
  created_at: row.created_at.toISOString(),
});

const readerOf = (ctx: Context): Reader => ({
  teams: visibleTeams(ctx),
  userId: ctx.actor.kind === "user" ? ctx.actor.userId : null,
});

async function datasetFor(ctx: Context, team: string, name: string): Promise<Described> {
  const dataset = await findDataset(ctx.db, team, name, readerOf(ctx));
  if (!dataset) throw new DomainError("not_found", `There is no dataset ${team}/${name} that you may read.`);
  return dataset;
}

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
  router.openapi(
    route({
      method: "get",
      path: "/datasets",
      tags,
      summary: "Datasets that you may read",
      request: { query: pageQuery },
      responses: { 200: json(page(datasetSchema)) },
    }),
    async (c) => {
      requireUser(c.var.ctx);
      const { limit, after } = c.req.valid("query");
      const { items, next } = cutPage(
        await listDatasets(c.var.ctx.db, readerOf(c.var.ctx), limit + 1, after),
        limit,
        (row) => row.id,
      );
      return c.json({ items: items.map(shown), next }, 200);
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
      const { team: slug, ...input } = c.req.valid("json");
      const team = resolveTeam(c.var.ctx, slug);
      await inTransaction(c.var.ctx, (tx) => createDataset(c.var.ctx, tx, { teamId: team.id, ...input }));
      return c.json(shown(await datasetFor(c.var.ctx, team.slug, input.name)), 201);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/datasets/{team}/{name}",
      tags,
      summary: "A dataset",
      request: named,
      responses: { 200: json(datasetSchema) },
    }),
    async (c) => {
      requireUser(c.var.ctx);
      const { team, name } = c.req.valid("param");
      return c.json(shown(await datasetFor(c.var.ctx, team, name)), 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/datasets/{team}/{name}/versions",
      tags,
      summary: "Versions of a dataset, newest first",
      request: named,
      responses: { 200: json(z.object({ items: z.array(datasetVersionSchema) })) },
    }),
    async (c) => {
      requireUser(c.var.ctx);
      const { team, name } = c.req.valid("param");
      const rows = await listVersions(c.var.ctx.db, (await datasetFor(c.var.ctx, team, name)).id);
      const items = rows.map((row) => ({
        ...row,
        id: row.id as Id<"datasetVersion">,
        created_at: row.created_at.toISOString(),
      }));
      return c.json({ items }, 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/datasets/{team}/{name}/versions",
      tags,
      summary: "Add a version to a dataset of your team",
      request: { ...named, ...jsonBody(z.strictObject({ tree_id: sha256Schema })) },
      responses: { 201: json(datasetVersionSchema) },
    }),
    async (c) => {
      const { team, name } = c.req.valid("param");
      resolveTeam(c.var.ctx, team);
      const dataset = await datasetFor(c.var.ctx, team, name);
      const treeId = c.req.valid("json").tree_id;
      return c.json(
        await inTransaction(c.var.ctx, (tx) => addVersion(c.var.ctx, tx, { datasetId: dataset.id, treeId })),
        201,
      );
    },
  );
  return router;
}
