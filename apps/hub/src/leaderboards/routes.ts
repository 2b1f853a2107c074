import { z } from "@hono/zod-openapi";
import { leaderboardSchema, slugSchema } from "@podium/shared";
import { roundOfOrganizer } from "../competitions/index.ts";
import { createRouter, json, pageQuery, route } from "../platform/http.ts";
import { liveBoard, recomputedBoard } from "./read.ts";

const tags = ["leaderboards"];
const params = z.object({ name: slugSchema, round: slugSchema });

export function leaderboardRoutes() {
  const router = createRouter();

  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/rounds/{round}/leaderboard",
      tags,
      summary: "The live leaderboard of a round",
      request: { params, query: pageQuery },
      responses: { 200: json(leaderboardSchema) },
    }),
    async (c) => {
      const { name, round } = c.req.valid("param");
      const { limit, after } = c.req.valid("query");
      return c.json(await liveBoard(c.var.ctx, name, round, limit, after), 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/rounds/{round}/leaderboard/recomputed",
      tags,
      summary: "The leaderboard worked out from submissions alone; for the organizer",
      request: { params },
      responses: { 200: json(leaderboardSchema) },
    }),
    async (c) => {
      const { name, round } = c.req.valid("param");
      await roundOfOrganizer(c.var.ctx, name, round);
      return c.json(await recomputedBoard(c.var.ctx, name, round), 200);
    },
  );
  return router;
}
