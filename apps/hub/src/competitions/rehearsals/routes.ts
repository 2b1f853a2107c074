import { z } from "@hono/zod-openapi";
import { competitionSchema, createCompetitionSchema, DomainError, slugSchema } from "@podium/shared";
import { type Context, mayUseTeam } from "../../platform/context.ts";
import { createRouter, json, jsonBody, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import { shownCompetition } from "../show.ts";
import { findCompetition } from "../store.ts";
import { endRehearsal, type ForgetContest } from "./end.ts";
import { startRehearsal } from "./start.ts";

const tags = ["competitions"];

/** Rehearsals of contests. Goes before all other routes: to those who don't organize one, it is not there. */
export function rehearsalRoutes(forget: readonly ForgetContest[]) {
  const router = createRouter();
  router.use("/competitions/:name/*", async (c, next) => {
    await hideFromStrangers(c.var.ctx, c.req.param("name"));
    await next();
  });
  router.openapi(
    route({
      method: "post",
      path: "/rehearsals",
      tags,
      summary: "Start a rehearsal: a copy of a competition that its organizers alone see and take part in",
      request: jsonBody(createCompetitionSchema),
      responses: { 201: json(competitionSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { id } = await inTransaction(ctx, async (tx) => ({
        id: await startRehearsal(ctx, tx, c.req.valid("json")),
      }));
      return c.json(await shownCompetition(ctx, { id }), 201);
    },
  );
  router.openapi(
    route({
      method: "delete",
      path: "/rehearsals/{name}",
      tags,
      summary: "End a rehearsal: all of it is taken away, but its sessions and what they cost",
      request: { params: z.object({ name: slugSchema }) },
      responses: { 204: { description: "Ended" } },
    }),
    async (c) => {
      const { ctx } = c.var;
      await hideFromStrangers(ctx, c.req.valid("param").name);
      await inTransaction(ctx, async (tx) => {
        await endRehearsal(ctx, tx, c.req.valid("param").name, forget);
        return {};
      });
      return c.body(null, 204);
    },
  );
  return router;
}

async function hideFromStrangers(ctx: Context, name: string): Promise<void> {
  if (!name.startsWith("rehearsal-")) return;
  const found = await findCompetition(ctx.db, { name });
  // One that isn't there is refused here too: whatever is asked of it, it must look like one that is hidden.
  if (!found || (found.competition.rehearsal && !mayUseTeam(ctx, found.competition.teamId)))
    throw new DomainError("not_found", `There is no competition called "${name}".`);
}
