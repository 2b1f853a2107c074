import { z } from "@hono/zod-openapi";
import { extendRoundSchema, pauseRoundSchema, roundSchema, slugSchema } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { createRouter, json, jsonBody, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import { showRound } from "../show.ts";
import { findCompetition, findRound } from "../store.ts";
import { roundOfOrganizer } from "./close-round.ts";
import { extendRound } from "./extend-round.ts";
import { pauseRound, resumeRound } from "./pause-round.ts";

const tags = ["competitions"];
const ofRound = { params: z.object({ name: slugSchema, round: slugSchema }) };

/** What an organizer may do to a round's clock. */
export function clockRoutes() {
  const router = createRouter();
  const responses = { 200: json(roundSchema) };

  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/rounds/{round}/pause",
      tags,
      summary: "Pause an open round: nothing is accepted, and its clock stands",
      request: { ...ofRound, ...jsonBody(pauseRoundSchema) },
      responses,
    }),
    async (c) => {
      const { reason } = c.req.valid("json");
      const { ctx } = c.var;
      const work = (tx: Tx, roundId: string) => pauseRound(ctx, tx, { roundId, reason });
      return c.json(await changed(ctx, c.req.valid("param"), work), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/rounds/{round}/resume",
      tags,
      summary: "Let a paused round go on; it closes later by as long as it was paused",
      request: { ...ofRound, ...jsonBody(pauseRoundSchema) },
      responses,
    }),
    async (c) => {
      const { reason } = c.req.valid("json");
      const { ctx } = c.var;
      const work = (tx: Tx, roundId: string) => resumeRound(ctx, tx, { roundId, reason });
      return c.json(await changed(ctx, c.req.valid("param"), work), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/rounds/{round}/extend",
      tags,
      summary: "Set a later closing time of a round that has not closed",
      request: { ...ofRound, ...jsonBody(extendRoundSchema) },
      responses,
    }),
    async (c) => {
      const { closes_at, reason } = c.req.valid("json");
      const { ctx } = c.var;
      const closesAt = new Date(closes_at);
      const work = (tx: Tx, roundId: string) => extendRound(ctx, tx, { roundId, closesAt, reason });
      return c.json(await changed(ctx, c.req.valid("param"), work), 200);
    },
  );
  return router;
}

/** Does the organizer's deed to the round, and shows what it is like then. */
async function changed(
  ctx: Context,
  { name, round: roundName }: { name: string; round: string },
  work: (tx: Tx, roundId: string) => Promise<void>,
) {
  const { competition, round } = await roundOfOrganizer(ctx, name, roundName);
  await inTransaction(ctx, async (tx) => {
    await work(tx, round.id);
    return {};
  });
  const found = await findCompetition(ctx.db, { id: competition.id });
  const now = await findRound(ctx.db, { id: round.id });
  return showRound(now ?? round, { name, team: found?.team ?? "" });
}
