import { z } from "@hono/zod-openapi";
import { boardNameSchema, entrantHistorySchema, leaderboardSchema, slugSchema } from "@podium/shared";
import { createRouter, json, pageQuery, route } from "../platform/http.ts";
import type { Live } from "../platform/live.ts";
import { BoardStream } from "./board-stream.ts";
import { Boards } from "./boards.ts";
import { mountFindingRoutes } from "./fairness/routes.ts";
import { entrantHistory } from "./history/history.ts";
import { mountOrganizerRoutes } from "./organizer/routes.ts";
import { openBoard, readBoard } from "./read.ts";
import { mountResultRoutes } from "./results/routes.ts";

const tags = ["leaderboards"];
const params = z.object({ name: slugSchema, round: slugSchema });
const board = boardNameSchema.optional();
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

export function leaderboardRoutes(live: Live) {
  const router = createRouter();
  const boards = new Boards();
  const stream = new BoardStream(boards, live);

  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/rounds/{round}/leaderboard",
      tags,
      summary: "A leaderboard of a round: the final one once it is revealed, before it the public one",
      request: {
        params,
        query: pageQuery.extend({
          board,
          at: instant.optional().meta({ description: "The board as it stood at this time" }),
          around: slugSchema.optional().describe("The page with this team in its middle"),
        }),
      },
      responses: { 200: json(leaderboardSchema) },
    }),
    async (c) => {
      const { name, round } = c.req.valid("param");
      return c.json(await readBoard(c.var.ctx, boards, name, round, c.req.valid("query")), 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/rounds/{round}/leaderboard/stream",
      tags,
      summary: "Server-sent events: `board` with the leaderboard's first page, now and whenever it changes",
      request: { params },
      responses: {
        200: { description: "An event stream", content: { "text/event-stream": { schema: z.string() } } },
      },
    }),
    async (c) => {
      const { name, round: roundName } = c.req.valid("param");
      const { round, organizes, refusal } = await openBoard(c.var.ctx, name, roundName, {}, boards);
      if (refusal) throw refusal;
      const of = { name, round: roundName, roundId: round.id, organizes };
      return stream.watch(c.var.ctx, of, c.req.raw.signal);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/entrants/{entrant}/submissions",
      tags,
      summary: "An entrant's submissions of a round with their trend; others' where the contest opens them",
      request: {
        params: z.object({
          name: slugSchema,
          entrant: z.string().min(1).max(100).describe("Name of its team, or its id"),
        }),
        query: z.object({ round: slugSchema.optional().describe("Omitted: the round that opened last") }),
      },
      responses: { 200: json(entrantHistorySchema) },
    }),
    async (c) =>
      c.json(await entrantHistory(c.var.ctx, { ...c.req.valid("param"), ...c.req.valid("query") }), 200),
  );
  mountOrganizerRoutes(router);
  mountResultRoutes(router);
  mountFindingRoutes(router);
  return router;
}
