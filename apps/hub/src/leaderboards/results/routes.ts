import { z } from "@hono/zod-openapi";
import { competitionResultsSchema, resultSchema, slugSchema } from "@podium/shared";
import { cutPage, json, page, pageQuery, type Router, route } from "../../platform/http.ts";
import { competitionResults, roundResults } from "./results.ts";

const tags = ["leaderboards"];

/** What anybody needs to recompute a contest's ranks. */
export function mountResultRoutes(router: Router): void {
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/results",
      tags,
      summary: "A contest's rules and rounds, as recomputing its results takes them",
      request: { params: z.object({ name: slugSchema }) },
      responses: { 200: json(competitionResultsSchema) },
    }),
    async (c) => c.json(await competitionResults(c.var.ctx, c.req.valid("param").name), 200),
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/rounds/{round}/results",
      tags,
      summary:
        "A round's submissions with all scores; for the organizer, and for everybody once it is revealed",
      request: { params: z.object({ name: slugSchema, round: slugSchema }), query: pageQuery },
      responses: { 200: json(page(resultSchema)) },
    }),
    async (c) => {
      const { limit, after } = c.req.valid("query");
      const rows = await roundResults(c.var.ctx, { ...c.req.valid("param"), limit: limit + 1, after });
      return c.json(
        cutPage(rows, limit, ({ id }) => id),
        200,
      );
    },
  );
}
