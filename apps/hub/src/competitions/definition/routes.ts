import { z } from "@hono/zod-openapi";
import {
  competitionChangeSchema,
  competitionExportSchema,
  competitionTextsSchema,
  DomainError,
  editCompetitionSchema,
  editedCompetitionSchema,
  slugSchema,
} from "@podium/shared";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import { listCompetitionChanges } from "./changes.ts";
import { editCompetition } from "./edit.ts";
import { exportCompetition } from "./export.ts";
import { visibleCompetition } from "./organized.ts";
import { textsOf } from "./texts.ts";

const tags = ["competitions"];
const named = { params: z.object({ name: slugSchema }) };

/** What a competition is: its texts, its definition, and what was done to it. */
export function definitionRoutes() {
  const router = createRouter();
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/pages",
      tags,
      summary: "A competition's pages and terms",
      request: named,
      responses: { 200: json(competitionTextsSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { competition } = await visibleCompetition(ctx, ctx.db, c.req.valid("param").name);
      return c.json(textsOf(competition.definition), 200);
    },
  );
  router.openapi(
    route({
      method: "put",
      path: "/competitions/{name}",
      tags,
      summary: "Edit a competition: another definition takes the place of its own",
      request: {
        ...named,
        headers: z.object({
          "if-match": z.string().max(40).optional().describe('The version that was edited, such as `"3"`'),
        }),
        query: z.object({
          dry_run: z.enum(["true", "false"]).default("false").describe("Check and compare only"),
        }),
        ...jsonBody(editCompetitionSchema),
      },
      responses: { 200: json(editedCompetitionSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const edit = {
        ...c.req.valid("json"),
        version: versionOf(c.req.valid("header")["if-match"]),
        dryRun: c.req.valid("query").dry_run === "true",
      };
      const edited = await inTransaction(ctx, (tx) =>
        editCompetition(ctx, tx, c.req.valid("param").name, edit),
      );
      c.header("etag", `"${edited.version}"`);
      return c.json(edited, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/export",
      tags,
      summary: "The whole definition and its trees, for the organizer",
      request: named,
      responses: { 200: json(competitionExportSchema) },
    }),
    async (c) => {
      const exported = await exportCompetition(c.var.ctx, c.req.valid("param").name);
      c.header("etag", `"${exported.version}"`);
      return c.json(exported, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/changes",
      tags,
      summary: "What was done to a competition, newest first",
      request: { ...named, query: pageQuery },
      responses: { 200: json(page(competitionChangeSchema)) },
    }),
    async (c) => {
      const { limit, after } = c.req.valid("query");
      const rows = await listCompetitionChanges(c.var.ctx, c.req.valid("param").name, {
        limit: limit + 1,
        before: after,
      });
      return c.json(
        cutPage(rows, limit, ({ id }) => id),
        200,
      );
    },
  );
  return router;
}

function versionOf(ifMatch: string | undefined): number {
  const version = Number(/^(?:W\/)?"?(\d{1,9})"?$/.exec(ifMatch ?? "")?.[1] ?? Number.NaN);
  if (Number.isInteger(version)) return version;
  throw new DomainError(
    "invalid_request",
    'Say in `If-Match` which version of the definition you edited: If-Match: "3".',
  );
}
