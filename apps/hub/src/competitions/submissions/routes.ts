import { z } from "@hono/zod-openapi";
import {
  DomainError,
  idSchema,
  slugSchema,
  submissionMemoSchema,
  submissionPreviewSchema,
  submissionSchema,
  submitSchema,
} from "@podium/shared";
import { mayUseTeam, requireUser, visibleTeams } from "../../platform/context.ts";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import { showSubmissions, visibleSubmission } from "../show.ts";
import { findCompetition, listShown } from "../store.ts";
import { noteSubmission } from "./note-submission.ts";
import { previewPredictions } from "./preview-predictions.ts";
import { selectSubmission } from "./select-submission.ts";
import { submit } from "./submit.ts";

const tags = ["competitions"];
const named = { params: z.object({ name: slugSchema }) };
const one = { params: z.object({ id: idSchema("submission") }) };

/** Making and reading submissions. */
export function submissionRoutes() {
  const router = createRouter();
  addOwnWords(router);

  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/submissions",
      tags,
      summary: "Submit a checkpoint, a prediction file or code, or try one on the public sample",
      request: { ...named, ...jsonBody(submitSchema) },
      responses: { 201: json(submissionSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { id } = await inTransaction(ctx, async (tx) => ({
        id: (await submit(ctx, tx, c.req.valid("param").name, c.req.valid("json"))).id,
      }));
      return c.json(await visibleSubmission(ctx, id), 201);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/submissions",
      tags,
      summary: "Your submissions; for the organizer everybody's",
      request: { ...named, query: pageQuery },
      responses: { 200: json(page(submissionSchema)) },
    }),
    async (c) => {
      const { ctx } = c.var;
      requireUser(ctx);
      const { limit, after } = c.req.valid("query");
      const found = await findCompetition(ctx.db, { name: c.req.valid("param").name });
      if (!found) throw new DomainError("not_found", "There is no such competition.");
      const teams = mayUseTeam(ctx, found.competition.teamId) ? null : visibleTeams(ctx);
      const { items, next } = cutPage(
        await listShown(ctx.db, found.competition.id, teams, limit + 1, after),
        limit,
        (row) => row.submission.id,
      );
      return c.json({ items: await showSubmissions(ctx, items), next }, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/submissions/{id}",
      tags,
      summary: "A submission, with its place in the queue and when its turn is likely to come",
      request: one,
      responses: { 200: json(submissionSchema) },
    }),
    async (c) => c.json(await visibleSubmission(c.var.ctx, c.req.valid("param").id), 200),
  );
  router.openapi(
    route({
      method: "get",
      path: "/submissions/{id}/predictions",
      tags,
      summary: "The first predictions of a trial run",
      request: one,
      responses: { 200: json(submissionPreviewSchema) },
    }),
    async (c) => c.json(await previewPredictions(c.var.ctx, c.req.valid("param").id), 200),
  );
  return router;
}

/** What an entrant says of its submission: a memo, and whether it shall count in the end. */
function addOwnWords(router: ReturnType<typeof createRouter>) {
  router.openapi(
    route({
      method: "put",
      path: "/submissions/{id}/memo",
      tags,
      summary: "Write a memo to a submission of yours",
      request: { ...one, ...jsonBody(submissionMemoSchema) },
      responses: { 200: json(submissionSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { id } = c.req.valid("param");
      await inTransaction(ctx, async (tx) => {
        await noteSubmission(ctx, tx, { id, memo: c.req.valid("json").memo });
        return {};
      });
      return c.json(await visibleSubmission(ctx, id), 200);
    },
  );
  for (const [method, selected, summary] of [
    ["put", true, "Choose a submission of yours to count on the final board"],
    ["delete", false, "Let go of a chosen submission"],
  ] as const) {
    router.openapi(
      route({
        method,
        path: "/submissions/{id}/selected",
        tags,
        summary,
        request: one,
        responses: { 200: json(submissionSchema) },
      }),
      async (c) => {
        const { ctx } = c.var;
        const { id } = c.req.valid("param");
        await inTransaction(ctx, async (tx) => {
          await selectSubmission(ctx, tx, { id, selected });
          return {};
        });
        return c.json(await visibleSubmission(ctx, id), 200);
      },
    );
  }
}
