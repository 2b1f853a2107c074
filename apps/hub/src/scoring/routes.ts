import { z } from "@hono/zod-openapi";
import {
  idSchema,
  rejudgingDetailsSchema,
  rejudgingSchema,
  scoringBacklogSchema,
  slugSchema,
  startRejudgingSchema,
} from "@podium/shared";
import { roundOfOrganizer } from "../competitions/index.ts";
import { createRouter, json, jsonBody, route } from "../platform/http.ts";
import { inTransaction } from "../platform/transaction.ts";
import { applyRejudging } from "./rejudging/apply.ts";
import { cancelRejudging } from "./rejudging/cancel.ts";
import { rejudgingOfOrganizer, showDifferences, showRejudging } from "./rejudging/show.ts";
import { startRejudging } from "./rejudging/start.ts";
import { listRejudgings } from "./rejudging/store.ts";
import { showBacklog } from "./waiting/show-backlog.ts";

const tags = ["scoring"];
const ofRound = z.object({ name: slugSchema, round: slugSchema });
const ofContest = { params: z.object({ name: slugSchema }) };
const one = { params: z.object({ name: slugSchema, id: idSchema("rejudging") }) };
/** Nobody scores a round anew more often than that. */
const LISTED = 100;

export function scoringRoutes() {
  const router = createRouter();
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/scoring",
      tags,
      summary: "What is being scored, and what the organizer's scorer waits for; for the organizer",
      request: ofContest,
      responses: { 200: json(scoringBacklogSchema) },
    }),
    async (c) => c.json(await showBacklog(c.var.ctx, c.req.valid("param").name), 200),
  );
  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/rounds/{round}/rejudgings",
      tags,
      summary: "Score a round's submissions again, aside; for the organizer",
      request: { params: ofRound, ...jsonBody(startRejudgingSchema) },
      responses: { 201: json(rejudgingSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { name, round: roundName } = c.req.valid("param");
      const { competition, round } = await roundOfOrganizer(ctx, name, roundName);
      const { id } = await inTransaction(ctx, async (tx) => ({
        id: (await startRejudging(ctx, tx, competition, round.id, c.req.valid("json"))).id,
      }));
      return c.json(await showRejudging(ctx, await rejudgingOfOrganizer(ctx, name, id)), 201);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/rounds/{round}/rejudgings",
      tags,
      summary: "A round's rejudgings, newest first; for the organizer",
      request: { params: ofRound },
      responses: { 200: json(z.object({ items: z.array(rejudgingSchema) })) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { name, round: roundName } = c.req.valid("param");
      const { competition, round } = await roundOfOrganizer(ctx, name, roundName);
      const items = [];
      for (const rejudging of await listRejudgings(ctx.db, round.id, LISTED))
        items.push(await showRejudging(ctx, { rejudging, competition, round }));
      return c.json({ items }, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/rejudgings/{id}",
      tags,
      summary: "How far a rejudging is, and whose score and rank it would change",
      request: one,
      responses: { 200: json(rejudgingDetailsSchema) },
    }),
    async (c) => {
      const { name, id } = c.req.valid("param");
      return c.json(await showDifferences(c.var.ctx, await rejudgingOfOrganizer(c.var.ctx, name, id)), 200);
    },
  );
  for (const [verb, act, summary] of [
    ["apply", applyRejudging, "Make a rejudging's scores the ones that count"],
    ["cancel", cancelRejudging, "Drop a rejudging"],
  ] as const) {
    router.openapi(
      route({
        method: "post",
        path: `/competitions/{name}/rejudgings/{id}/${verb}`,
        tags,
        summary,
        request: one,
        responses: { 200: json(rejudgingSchema) },
      }),
      async (c) => {
        const { ctx } = c.var;
        const { name, id } = c.req.valid("param");
        const { rejudging } = await rejudgingOfOrganizer(ctx, name, id);
        await inTransaction(ctx, async (tx) => {
          await act(ctx, tx, rejudging);
          return {};
        });
        return c.json(await showRejudging(ctx, await rejudgingOfOrganizer(ctx, name, id)), 200);
      },
    );
  }
  return router;
}
