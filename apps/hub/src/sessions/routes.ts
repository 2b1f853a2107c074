import { z } from "@hono/zod-openapi";
import {
  createSessionSchema,
  DomainError,
  idSchema,
  sessionKindSchema,
  sessionSchema,
  sessionStateSchema,
  slugSchema,
  whyWaitingSchema,
} from "@podium/shared";
import { upgradeWebSocket } from "hono/bun";
import { requireUser, visibleTeams } from "../platform/context.ts";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../platform/http.ts";
import type { Live } from "../platform/live.ts";
import { streamChanges } from "../platform/sse.ts";
import { inTransaction } from "../platform/transaction.ts";
import { createSession } from "./create.ts";
import { attemptFileRoutes } from "./files/routes.ts";
import { type FromLaterDomains, lifeRoutes } from "./life/routes.ts";
import type { NodeLink, NodeLinks } from "./node-links.ts";
import { ownSession, showSession, visibleSession } from "./show.ts";
import { stopSession } from "./stop.ts";
import { listVisible } from "./store.ts";
import type { Exchange } from "./streams/exchange.ts";
import { runnerStreamRoutes, streamRoutes } from "./streams/routes.ts";
import { whyWaiting } from "./why.ts";

const tags = ["sessions"];
const one = { params: z.object({ id: idSchema("session") }) };

export function sessionRoutes(live: Live, later: FromLaterDomains & { exchange: Exchange }) {
  const router = createRouter();
  router.route("/", lifeRoutes(later));
  router.route("/", streamRoutes(later.exchange));

  router.openapi(
    route({
      method: "post",
      path: "/sessions",
      tags,
      summary: "Run code",
      request: jsonBody(createSessionSchema),
      responses: { 201: json(sessionSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { id } = await inTransaction(ctx, async (tx) => ({
        id: (await createSession(ctx, tx, c.req.valid("json"))).id,
      }));
      return c.json(showSession(await visibleSession(ctx, id)), 201);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/sessions",
      tags,
      summary: "Sessions that you may see, newest first",
      request: {
        query: pageQuery.extend({
          state: sessionStateSchema.optional(),
          kind: sessionKindSchema.optional(),
          team: slugSchema.optional(),
          name: z.string().max(300).optional().describe("owner/dataset/N"),
        }),
      },
      responses: { 200: json(page(sessionSchema)) },
    }),
    async (c) => {
      requireUser(c.var.ctx);
      const { limit, after, ...filter } = c.req.valid("query");
      const rows = await listVisible(c.var.ctx.db, visibleTeams(c.var.ctx), filter, limit + 1, after);
      const { items, next } = cutPage(rows, limit, (row) => row.session.id);
      return c.json({ items: items.map(showSession), next }, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/sessions/{id}",
      tags,
      summary: "A session",
      request: one,
      responses: { 200: json(sessionSchema) },
    }),
    async (c) => c.json(showSession(await visibleSession(c.var.ctx, c.req.valid("param").id)), 200),
  );
  router.openapi(
    route({
      method: "post",
      path: "/sessions/{id}/stop",
      tags,
      summary: "Stop a session: checkpoint call, grace period, end",
      request: one,
      responses: { 200: json(sessionSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const session = await ownSession(ctx, c.req.valid("param").id);
      await inTransaction(ctx, async (tx) => ({
        id: (await stopSession(ctx, tx, session.id, "asked by its owner")).id,
      }));
      return c.json(showSession(await visibleSession(ctx, session.id)), 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/sessions/{id}/why",
      tags,
      summary: "Why it still waits",
      request: one,
      responses: {
        200: json(whyWaitingSchema),
      },
    }),
    async (c) =>
      c.json(
        await whyWaiting(c.var.ctx, (await visibleSession(c.var.ctx, c.req.valid("param").id)).session),
        200,
      ),
  );
  router.openapi(
    route({
      method: "get",
      path: "/sessions/{id}/stream",
      tags,
      summary: "Server-sent events: `changed`, `recorded`",
      request: one,
      responses: {
        200: { description: "An event stream", content: { "text/event-stream": { schema: z.string() } } },
      },
    }),
    async (c) => {
      const { session } = await visibleSession(c.var.ctx, c.req.valid("param").id);
      return streamChanges(
        live,
        (event) => {
          if (!("session_id" in event) || event.session_id !== session.id) return null;
          return event.type === "session.recorded" ? "recorded" : "changed";
        },
        c.req.raw.signal,
      );
    },
  );
  return router;
}

/** What a node may ask on behalf of the attempts that were placed on it. */
export function runnerRoutes(links: NodeLinks, exchange: Exchange) {
  const router = createRouter();

  router.get(
    "/runner/connect",
    async (c, next) => {
      if (c.var.ctx.actor.kind !== "node")
        throw new DomainError(
          "unauthenticated",
          "Send the node's token. A node joins with POST /nodes/join.",
        );
      await next();
    },
    upgradeWebSocket((c) => {
      const { actor } = c.get("ctx" as never) as { actor: { nodeId: string } };
      let link: NodeLink | undefined;
      return {
        onOpen: (_event, socket) => {
          link = links.open(actor.nodeId, socket);
        },
        onMessage: (event) => link?.receive(String(event.data)),
        onClose: () => link?.close(),
      };
    }),
  );
  router.route("/", attemptFileRoutes());
  router.route("/", runnerStreamRoutes(exchange));
  return router;
}
