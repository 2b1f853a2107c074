import { z } from "@hono/zod-openapi";
import {
  createDatasetSchema,
  DomainError,
  datasetSchema,
  datasetVersionSchema,
  type Id,
  sha256Schema,
  slugSchema,
} from "@podium/shared";
import { type Context, requireUser, resolveTeam, visibleTeams } from "../platform/context.ts";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../platform/http.ts";
import { inTransaction } from "../platform/transaction.ts";
import { addVersion } from "./add-version.ts";
import { blobRoutes } from "./blobs/routes.ts";
import { createDataset } from "./create-dataset.ts";
import { findDataset, listDatasets, listVersions, type Reader } from "./store.ts";
import { treeRoutes } from "./trees/routes.ts";

const tags = ["data"];
const named = { params: z.object({ team: slugSchema, name: slugSchema }) };

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

  router.route("/", blobRoutes());
  router.route("/", treeRoutes());

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
