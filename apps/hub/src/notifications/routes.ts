import { type Id, notificationSchema } from "@podium/shared";
import { isAdmin, requireUser } from "../platform/context.ts";
import { createRouter, cutPage, json, page, pageQuery, route } from "../platform/http.ts";
import { listNotifications } from "./store.ts";

export function notificationRoutes() {
  const router = createRouter();
  router.openapi(
    route({
      method: "get",
      path: "/notifications",
      tags: ["notifications"],
      summary: "What happened to your teams' work, newest first",
      request: { query: pageQuery },
      responses: { 200: json(page(notificationSchema)) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const teams = requireUser(ctx).teams.map((team) => team.id);
      const { limit, after } = c.req.valid("query");
      const { items, next } = cutPage(
        await listNotifications(ctx.db, teams, isAdmin(ctx), limit + 1, after),
        limit,
        (row) => row.id,
      );
      const shown = items.map((row) => ({
        id: row.id as Id<"notification">,
        kind: row.kind,
        subject: row.subject,
        text: row.text,
        created_at: row.createdAt.toISOString(),
      }));
      return c.json({ items: shown, next }, 200);
    },
  );
  return router;
}
