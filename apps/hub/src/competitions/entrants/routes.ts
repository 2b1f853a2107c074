import { z } from "@hono/zod-openapi";
import {
  banEntrantSchema,
  competitionTermsSchema,
  DomainError,
  entrantSchema,
  joinCompetitionSchema,
  slugSchema,
  unbanEntrantSchema,
} from "@podium/shared";
import { type Context, requireUser } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import { type CompetitionRow, findCompetition } from "../store.ts";
import { ban } from "./ban.ts";
import { joinCompetition } from "./join.ts";
import { mergeRoutes } from "./merging/routes.ts";
import { showEntrant, shownEntrant } from "./show.ts";
import { listShownEntrants } from "./store.ts";
import { termsHash } from "./terms.ts";
import { unban } from "./unban.ts";
import { withdraw } from "./withdraw.ts";

const tags = ["competitions"];
const named = { params: z.object({ name: slugSchema }) };
const ofTeam = { params: z.object({ name: slugSchema, team: slugSchema }) };

async function competitionOf(ctx: Context, name: string): Promise<CompetitionRow> {
  requireUser(ctx);
  const found = await findCompetition(ctx.db, { name });
  if (!found) throw new DomainError("not_found", `There is no competition called "${name}".`);
  return found.competition;
}

/** Does it, and answers with the entrant as it is then. */
async function changed(ctx: Context, name: string, work: (tx: Tx) => Promise<{ id: string }>) {
  const { definition } = await competitionOf(ctx, name);
  const { id } = await inTransaction(ctx, work);
  return shownEntrant(ctx.db, definition, id);
}

/** Who takes part: joining, leaving, being excluded, becoming one. */
export function entrantRoutes() {
  const router = createRouter();
  router.route("/", mergeRoutes());
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/terms",
      tags,
      summary: "What an entrant agrees to",
      request: named,
      responses: { 200: json(competitionTermsSchema) },
    }),
    async (c) => {
      const { definition } = await competitionOf(c.var.ctx, c.req.valid("param").name);
      const sha256 = termsHash(definition);
      const terms = sha256 === null ? null : { content: definition.terms?.content ?? "", sha256 };
      return c.json({ terms }, 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/entrants",
      tags,
      summary: "Join a competition, or agree to its terms again",
      request: { ...named, ...jsonBody(joinCompetitionSchema) },
      responses: { 201: json(entrantSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const input = { ...c.req.valid("param"), ...c.req.valid("json") };
      const joined = await changed(ctx, input.name, async (tx) => ({
        id: (await joinCompetition(ctx, tx, input)).entrant.id,
      }));
      return c.json(joined, 201);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/entrants",
      tags,
      summary: "Who takes part",
      request: { ...named, query: pageQuery },
      responses: { 200: json(page(entrantSchema)) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { id, definition } = await competitionOf(ctx, c.req.valid("param").name);
      const { limit, after } = c.req.valid("query");
      const rows = await listShownEntrants(ctx.db, { competitionId: id, limit: limit + 1, after });
      const { items, next } = cutPage(rows, limit, ({ entrant }) => entrant.id);
      return c.json({ items: items.map((row) => showEntrant(definition, row)), next }, 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/entrants/{team}/withdraw",
      tags,
      summary: "Take your team out, for good",
      request: ofTeam,
      responses: { 200: json(entrantSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { name, team } = c.req.valid("param");
      return c.json(await changed(ctx, name, (tx) => withdraw(ctx, tx, name, team)), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/entrants/{team}/ban",
      tags,
      summary: "Exclude an entrant, for the organizer",
      request: { ...ofTeam, ...jsonBody(banEntrantSchema) },
      responses: { 200: json(entrantSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const input = { ...c.req.valid("param"), ...c.req.valid("json") };
      return c.json(await changed(ctx, input.name, (tx) => ban(ctx, tx, input)), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/entrants/{team}/unban",
      tags,
      summary: "Let an excluded entrant in again, for the organizer",
      request: { ...ofTeam, ...jsonBody(unbanEntrantSchema) },
      responses: { 200: json(entrantSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const input = { ...c.req.valid("param"), ...c.req.valid("json") };
      return c.json(await changed(ctx, input.name, (tx) => unban(ctx, tx, input)), 200);
    },
  );
  return router;
}
