import { z } from "@hono/zod-openapi";
import { findingSchema, type Id, idSchema, judgeFindingSchema, slugSchema } from "@podium/shared";
import { cutPage, json, jsonBody, page, pageQuery, type Router, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import { judgeFinding, listFindings } from "./judge-finding.ts";
import type { FindingRow } from "./store.ts";

const tags = ["leaderboards"];

/** Evidence of unfair play, for the organizer to judge. */
export function mountFindingRoutes(router: Router): void {
  router.openapi(
    route({
      method: "get",
      path: "/competitions/{name}/findings",
      tags,
      summary: "What points at unfair play; for the organizer",
      request: { params: z.object({ name: slugSchema }), query: pageQuery },
      responses: { 200: json(page(findingSchema)) },
    }),
    async (c) => {
      const { limit, after } = c.req.valid("query");
      const rows = await listFindings(c.var.ctx, c.req.valid("param").name, { limit: limit + 1, after });
      const { items, next } = cutPage(rows, limit, ({ id }) => id);
      return c.json({ items: items.map(shown), next }, 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/competitions/{name}/findings/{id}",
      tags,
      summary: "Judge a finding, with the reason; it excludes nobody",
      request: {
        params: z.object({ name: slugSchema, id: idSchema("finding") }),
        ...jsonBody(judgeFindingSchema),
      },
      responses: { 200: json(findingSchema) },
    }),
    async (c) => {
      const input = { ...c.req.valid("param"), ...c.req.valid("json") };
      const judged = await inTransaction(c.var.ctx, async (tx) =>
        shown(await judgeFinding(c.var.ctx, tx, input)),
      );
      return c.json(judged, 200);
    },
  );
}

function shown(row: FindingRow) {
  return {
    id: row.id as Id<"finding">,
    kind: row.kind,
    evidence: row.evidence,
    found_at: row.foundAt.toISOString(),
    verdict: row.verdict,
    reason: row.verdictReason,
    judged_at: row.judgedAt?.toISOString() ?? null,
  };
}
