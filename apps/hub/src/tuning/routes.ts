import { z } from "@hono/zod-openapi";
import { createStudySchema, DomainError, type Id, idSchema, studySchema } from "@podium/shared";
import { type Context, mayUseTeam, requireUser, visibleTeams } from "../platform/context.ts";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../platform/http.ts";
import { inTransaction } from "../platform/transaction.ts";
import { createStudy } from "./create.ts";
import { findStudy, listStudies, type StudyRow, type TrialRow, trialsOf } from "./store.ts";

const tags = ["tuning"];

const showTrial = (row: TrialRow) => ({
  id: row.id as Id<"trial">,
  number: row.number,
  args: row.args,
  session_id: row.sessionId as Id<"session"> | null,
  state: row.state,
  value: row.value,
});

async function showStudy(ctx: Context, study: StudyRow, team: string) {
  const trials = await trialsOf(ctx.db, study.id);
  const sign = study.objective.direction === "minimize" ? 1 : -1;
  const done = trials.filter((trial) => trial.state === "succeeded" && trial.value !== null);
  const [best] = done.sort((a, b) => sign * ((a.value ?? 0) - (b.value ?? 0)));
  return {
    id: study.id as Id<"study">,
    team,
    state: study.state,
    objective: study.objective,
    best: best ? showTrial(best) : null,
    trials: trials.sort((a, b) => a.number - b.number).map(showTrial),
    created_at: study.createdAt.toISOString(),
  };
}

async function visibleStudy(ctx: Context, id: string) {
  requireUser(ctx);
  const found = await findStudy(ctx.db, id);
  if (!found || !mayUseTeam(ctx, found.study.teamId))
    throw new DomainError("not_found", `You have no study ${id}.`);
  return showStudy(ctx, found.study, found.team);
}

export function tuningRoutes() {
  const router = createRouter();

  router.openapi(
    route({
      method: "post",
      path: "/studies",
      tags,
      summary: "Search arguments by random draws",
      request: jsonBody(createStudySchema),
      responses: { 201: json(studySchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { id } = await inTransaction(ctx, async (tx) => ({
        id: await createStudy(ctx, tx, c.req.valid("json")),
      }));
      return c.json(await visibleStudy(ctx, id), 201);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/studies",
      tags,
      summary: "Studies of your teams, newest first",
      request: { query: pageQuery },
      responses: { 200: json(page(studySchema)) },
    }),
    async (c) => {
      const { ctx } = c.var;
      requireUser(ctx);
      const { limit, after } = c.req.valid("query");
      const { items, next } = cutPage(
        await listStudies(ctx.db, visibleTeams(ctx), limit + 1, after),
        limit,
        (row) => row.study.id,
      );
      return c.json(
        { items: await Promise.all(items.map(({ study, team }) => showStudy(ctx, study, team))), next },
        200,
      );
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/studies/{id}",
      tags,
      summary: "A study and its trials",
      request: { params: z.object({ id: idSchema("study") }) },
      responses: { 200: json(studySchema) },
    }),
    async (c) => c.json(await visibleStudy(c.var.ctx, c.req.valid("param").id), 200),
  );
  return router;
}
