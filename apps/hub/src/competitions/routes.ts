import { z } from "@hono/zod-openapi";
import { competitionSchema, createCompetitionSchema, roundSchema, slugSchema } from "@podium/shared";
import { requireUser } from "../platform/context.ts";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../platform/http.ts";
import type { Live } from "../platform/live.ts";
import { streamChanges } from "../platform/sse.ts";
import { inTransaction } from "../platform/transaction.ts";
import { createCompetition } from "./definition/create.ts";
import { definitionRoutes } from "./definition/routes.ts";
import { entrantRoutes } from "./entrants/routes.ts";
import type { ForgetContest } from "./rehearsals/end.ts";
import { rehearsalRoutes } from "./rehearsals/routes.ts";
import { closeRound, roundOfOrganizer } from "./rounds/close-round.ts";
import { clockRoutes } from "./rounds/routes.ts";
import { showCompetition, shownCompetition as shown, showRound } from "./show.ts";
import { countEntrants, findCompetition, findRound, listCompetitions, roundsByCompetition } from "./store.ts";
import { submissionRoutes } from "./submissions/routes.ts";

const tags = ["competitions"];
const named = { params: z.object({ name: slugSchema }) };
const ofRound = { params: z.object({ name: slugSchema, round: slugSchema }) };

/** @param forget  what later domains do when a rehearsal is taken away */
export function competitionRoutes(live: Live, forget: readonly ForgetContest[]) {
  const router = createRouter();
  router.route("/", rehearsalRoutes(forget));
  router.route("/", submissionRoutes());
  router.route("/", clockRoutes());
  router.route("/", definitionRoutes());
  router.route("/", entrantRoutes());

  router.openapi(
    route({
      method: "post",
      path: "/competitions",
      tags,
      summary: "Create a competition",
      request: jsonBody(createCompetitionSchema),
      responses: { 201: json(competitionSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { id } = await inTransaction(ctx, async (tx) => ({
        id: await createCompetition(ctx, tx, c.req.valid("json")),
      }));
      return c.json(await shown(ctx, { id }), 201);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions",
      tags,
      summary: "Competitions, newest first",
      request: { query: pageQuery },
      responses: { 200: json(page(competitionSchema)) },
    }),
    async (c) => {
      const { ctx } = c.var;
      requireUser(ctx);
      const { limit, after } = c.req.valid("query");
      const { items, next } = cutPage(
        await listCompetitions(ctx.db, limit + 1, after),
        limit,
        (row) => row.competition.id,
      );
      const ids = items.map((row) => row.competition.id);
      const counts = await countEntrants(ctx.db, ids);
      const rounds = await roundsByCompetition(ctx.db, ids);
      const competitions = items.map(({ competition, team }) =>
        showCompetition(competition, team, rounds.get(competition.id) ?? [], counts.get(competition.id) ?? 0),
      );
      return c.json({ items: competitions, next }, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}",
      tags,
      summary: "A competition",
      request: named,
      responses: { 200: json(competitionSchema) },
    }),
    async (c) => c.json(await shown(c.var.ctx, { name: c.req.valid("param").name }), 200),
  );
  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/rounds/{round}/close",
      tags,
      summary: "Close a round; its survivors enter the next",
      request: ofRound,
      responses: { 200: json(roundSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { name, round: roundName } = c.req.valid("param");
      const { competition, round } = await roundOfOrganizer(ctx, name, roundName);
      await inTransaction(ctx, async (tx) => {
        await closeRound(ctx, tx, round.id);
        return {};
      });
      const found = await findCompetition(ctx.db, { id: competition.id });
      const closed = await findRound(ctx.db, { id: round.id });
      return c.json(showRound(closed ?? round, { name, team: found?.team ?? "" }), 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/stream",
      tags,
      summary: "Server-sent events: `leaderboard`, `round`, `submission`",
      request: named,
      responses: {
        200: { description: "An event stream", content: { "text/event-stream": { schema: z.string() } } },
      },
    }),
    async (c) => {
      const { id } = await shown(c.var.ctx, { name: c.req.valid("param").name });
      return streamChanges(
        live,
        (event) => {
          if (!("competition_id" in event) || event.competition_id !== id) return null;
          return event.type === "leaderboard.changed"
            ? "leaderboard"
            : event.type.startsWith("submission.")
              ? "submission"
              : "round";
        },
        c.req.raw.signal,
      );
    },
  );
  return router;
}
