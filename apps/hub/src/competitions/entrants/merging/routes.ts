import { z } from "@hono/zod-openapi";
import {
  acceptMergeSchema,
  DomainError,
  idSchema,
  mergeSchema,
  proposeMergeSchema,
  slugSchema,
} from "@podium/shared";
import { type Context, mayUseTeam, requireUser, visibleTeams } from "../../../platform/context.ts";
import type { Tx } from "../../../platform/database.ts";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../../../platform/http.ts";
import { inTransaction } from "../../../platform/transaction.ts";
import { findCompetition } from "../../store.ts";
import { acceptMerge } from "./accept.ts";
import { refuseMerge, withdrawMerge } from "./answer.ts";
import { showMerge, visibleMerge } from "./find.ts";
import { proposeMerge } from "./propose.ts";
import { listMerges } from "./store.ts";

const tags = ["competitions"];
const named = { params: z.object({ name: slugSchema }) };
const one = { params: z.object({ name: slugSchema, id: idSchema("entrantMerge") }) };

/** Does it, and answers with the merge as it is then. */
async function changed(ctx: Context, name: string, work: (tx: Tx) => Promise<{ id: string }>) {
  const { id } = await inTransaction(ctx, work);
  return showMerge((await visibleMerge(ctx, ctx.db, { name, id })).shown);
}

export function mergeRoutes() {
  const router = createRouter();
  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/merges",
      tags,
      summary: "Propose to another entrant that yours becomes part of it",
      request: { ...named, ...jsonBody(proposeMergeSchema) },
      responses: { 201: json(mergeSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const input = { ...c.req.valid("param"), ...c.req.valid("json") };
      return c.json(await changed(ctx, input.name, (tx) => proposeMerge(ctx, tx, input)), 201);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/merges",
      tags,
      summary: "Merges of your teams, newest first; for the organizer everybody's",
      request: { ...named, query: pageQuery },
      responses: { 200: json(page(mergeSchema)) },
    }),
    async (c) => {
      const { ctx } = c.var;
      requireUser(ctx);
      const { name } = c.req.valid("param");
      const found = await findCompetition(ctx.db, { name });
      if (!found) throw new DomainError("not_found", `There is no competition called "${name}".`);
      const { id, teamId } = found.competition;
      const { limit, after } = c.req.valid("query");
      const teams = mayUseTeam(ctx, teamId) ? null : visibleTeams(ctx);
      const rows = await listMerges(ctx.db, id, teams, limit + 1, after);
      const { items, next } = cutPage(rows, limit, ({ merge }) => merge.id);
      return c.json({ items: items.map(showMerge), next }, 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/merges/{id}/accept",
      tags,
      summary: "Become one with the entrant that proposed it",
      request: { ...one, ...jsonBody(acceptMergeSchema) },
      responses: { 200: json(mergeSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const input = { ...c.req.valid("param"), ...c.req.valid("json") };
      return c.json(await inTransaction(ctx, (tx) => acceptMerge(ctx, tx, input)), 200);
    },
  );
  for (const [verb, summary, work] of [
    ["refuse", "Say no to a merge that was proposed to you", refuseMerge],
    ["withdraw", "Take back a merge that you have proposed", withdrawMerge],
  ] as const)
    router.openapi(
      route({
        method: "post",
        path: `/competitions/{name}/merges/{id}/${verb}`,
        tags,
        summary,
        request: one,
        responses: { 200: json(mergeSchema) },
      }),
      async (c) => {
        const { ctx } = c.var;
        const input = c.req.valid("param");
        const merge = await changed(ctx, input.name, async (tx) => {
          await work(ctx, tx, input);
          return { id: input.id };
        });
        return c.json(merge, 200);
      },
    );
  return router;
}
