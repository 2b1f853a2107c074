import { z } from "@hono/zod-openapi";
import {
  boardNameSchema,
  competitionStatisticsSchema,
  DomainError,
  leaderboardSchema,
  reasonSchema,
  revealSchema,
  roundSchema,
  type SurvivorRule,
  slugSchema,
  survivorsSchema,
} from "@podium/shared";
import { revealRound, roundOfOrganizer, showRoundNamed } from "../../competitions/index.ts";
import { json, jsonBody, type Router, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import { recomputedBoard } from "../recompute.ts";
import { competitionStatistics } from "../statistics/statistics.ts";
import { advance } from "../survivors/advance.ts";
import { previewSurvivors } from "../survivors/preview.ts";
import { takeBackAdvance } from "../survivors/take-back.ts";

const tags = ["leaderboards"];
const params = z.object({ name: slugSchema, round: slugSchema });

const ruleQuery = z.object({
  top: z.coerce.number().int().positive().optional(),
  share: z.coerce.number().gt(0).max(1).optional(),
  score: z.coerce.number().optional(),
  all: z.literal("true").optional(),
});

/** Another survivor rule, where one is asked for. @throws DomainError `invalid_request` for two at once */
function ruleOf({ all, ...numbers }: z.infer<typeof ruleQuery>): SurvivorRule | undefined {
  const given = Object.entries({ ...numbers, ...(all ? { all: true as const } : {}) }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1)
    throw new DomainError("invalid_request", "Ask for one rule: top, share, score or all.");
  return given.length === 0 ? undefined : (Object.fromEntries(given) as SurvivorRule);
}

/** What a contest's organizer does with its boards. */
export function mountOrganizerRoutes(router: Router): void {
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/rounds/{round}/leaderboard/recomputed",
      tags,
      summary: "The leaderboard worked out from submissions alone; for the organizer",
      request: { params, query: z.object({ board: boardNameSchema.optional() }) },
      responses: { 200: json(leaderboardSchema) },
    }),
    async (c) => {
      const { name, round } = c.req.valid("param");
      return c.json(await recomputedBoard(c.var.ctx, name, round, c.req.valid("query")), 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/rounds/{round}/survivors",
      tags,
      summary: "Who would enter the next round, by the round's rule or another; changes nothing",
      request: { params, query: ruleQuery },
      responses: { 200: json(survivorsSchema) },
    }),
    async (c) => {
      const { name, round } = c.req.valid("param");
      return c.json(await previewSurvivors(c.var.ctx, name, round, ruleOf(c.req.valid("query"))), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/rounds/{round}/advance",
      tags,
      summary: "Let a closed round's survivors enter the next",
      request: { params, ...jsonBody(reasonSchema) },
      responses: { 200: json(roundSchema) },
    }),
    async (c) => {
      const input = { ...c.req.valid("param"), ...c.req.valid("json") };
      await inTransaction(c.var.ctx, async (tx) => {
        await advance(c.var.ctx, tx, input);
        return {};
      });
      return c.json(await showRoundNamed(c.var.ctx, input.name, input.round), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/rounds/{round}/advance/undo",
      tags,
      summary: "Take an advance back, as long as the next round has not opened",
      request: { params, ...jsonBody(reasonSchema) },
      responses: { 200: json(roundSchema) },
    }),
    async (c) => {
      const input = { ...c.req.valid("param"), ...c.req.valid("json") };
      await inTransaction(c.var.ctx, async (tx) => {
        await takeBackAdvance(c.var.ctx, tx, input);
        return {};
      });
      return c.json(await showRoundNamed(c.var.ctx, input.name, input.round), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/rounds/{round}/reveal",
      tags,
      summary: "Show a closed round's final board to all: from the last place up to a rank, or all of it",
      request: { params, ...jsonBody(revealSchema) },
      responses: { 200: json(roundSchema) },
    }),
    async (c) => {
      const { name, round: roundName } = c.req.valid("param");
      const { round } = await roundOfOrganizer(c.var.ctx, name, roundName);
      const untilRank = c.req.valid("json").until_rank;
      await inTransaction(c.var.ctx, async (tx) => {
        await revealRound(c.var.ctx, tx, round.id, { untilRank });
        return {};
      });
      return c.json(await showRoundNamed(c.var.ctx, name, roundName), 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/statistics",
      tags,
      summary: "How much was taken part, by round, day and entrant; for the organizer",
      request: { params: z.object({ name: slugSchema }) },
      responses: { 200: json(competitionStatisticsSchema) },
    }),
    async (c) => c.json(await competitionStatistics(c.var.ctx, c.req.valid("param").name), 200),
  );
}
