import { z } from "@hono/zod-openapi";
import {
  balanceSchema,
  DomainError,
  grantSchema,
  type Id,
  ledgerEntrySchema,
  ledgerSummarySchema,
  pricesSchema,
  slugSchema,
} from "@podium/shared";
import { type Context, isAdmin, requireAdmin, requireUser, resolveTeam } from "../platform/context.ts";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../platform/http.ts";
import { findTeam } from "../teams/index.ts";
import { grantCredits } from "./grant.ts";
import { currentPrices, setPrices } from "./prices.ts";
import { balances, ledgerSum, listEntries } from "./store.ts";

const tags = ["credits"];
const team = { params: z.object({ slug: slugSchema }) };

/** A team of the actor's, or any team for an administrator. */
async function teamFor(ctx: Context, slug: string): Promise<Id<"team">> {
  if (!isAdmin(ctx)) return resolveTeam(ctx, slug).id;
  const found = await findTeam(ctx.db, { slug });
  if (!found) throw new DomainError("not_found", `There is no team called "${slug}".`);
  return found.id as Id<"team">;
}

export function creditRoutes() {
  const router = createRouter();

  router.openapi(
    route({
      method: "get",
      path: "/teams/{slug}/credits",
      tags,
      summary: "Balance of a team",
      request: team,
      responses: { 200: json(balanceSchema) },
    }),
    async (c) => {
      const [row] = await balances(c.var.ctx.db, [await teamFor(c.var.ctx, c.req.valid("param").slug)]);
      if (!row) throw new DomainError("not_found", "This team is gone.");
      const { id: _, ...balance } = row;
      return c.json(balance, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/teams/{slug}/ledger",
      tags,
      summary: "Entries of a team's ledger, newest first",
      request: { ...team, query: pageQuery },
      responses: { 200: json(page(ledgerEntrySchema)) },
    }),
    async (c) => {
      const { limit, after } = c.req.valid("query");
      const rows = await listEntries(
        c.var.ctx.db,
        await teamFor(c.var.ctx, c.req.valid("param").slug),
        limit + 1,
        after,
      );
      const { items, next } = cutPage(rows, limit, (row) => row.key);
      const entries = items.map(({ key: _, ...row }) => ({
        ...row,
        transaction_id: row.transaction_id as Id<"ledgerTransaction">,
        created_at: row.created_at.toISOString(),
      }));
      return c.json({ items: entries, next }, 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/credits/grants",
      tags,
      summary: "Give a team credit",
      request: jsonBody(grantSchema),
      responses: { 201: json(balanceSchema) },
    }),
    async (c) => c.json(await grantCredits(c.var.ctx, c.req.valid("json")), 201),
  );
  router.openapi(
    route({
      method: "get",
      path: "/credits/prices",
      tags,
      summary: "What things cost",
      responses: { 200: json(pricesSchema) },
    }),
    async (c) => {
      requireUser(c.var.ctx);
      return c.json(await currentPrices(c.var.ctx.db), 200);
    },
  );
  router.openapi(
    route({
      method: "put",
      path: "/credits/prices",
      tags,
      summary: "Change what things cost",
      request: jsonBody(pricesSchema),
      responses: { 200: json(pricesSchema) },
    }),
    async (c) => c.json(await setPrices(c.var.ctx, c.req.valid("json")), 200),
  );
  router.openapi(
    route({
      method: "get",
      path: "/credits/summary",
      tags,
      summary: "All teams, and the proof that the ledger sums to zero",
      responses: { 200: json(ledgerSummarySchema) },
    }),
    async (c) => {
      requireAdmin(c.var.ctx);
      const rows = await balances(c.var.ctx.db, null);
      return c.json({ sum: await ledgerSum(c.var.ctx.db), teams: rows.map(({ id: _, ...row }) => row) }, 200);
    },
  );
  return router;
}
