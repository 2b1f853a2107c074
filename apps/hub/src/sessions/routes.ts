import { z } from "@hono/zod-openapi";
import {
  createSessionSchema,
  DomainError,
  idSchema,
  sessionKindSchema,
  sessionSchema,
  sessionStateSchema,
  sha256Schema,
  slugSchema,
  treeSchema,
} from "@podium/shared";
import { upgradeWebSocket } from "hono/bun";
import { ownedBlobs } from "../data/index.ts";
import { requireUser, visibleTeams } from "../platform/context.ts";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../platform/http.ts";
import type { Live } from "../platform/live.ts";
import { streamChanges } from "../platform/sse.ts";
import { inTransaction } from "../platform/transaction.ts";
import { attemptOfNode, blobOfAttempt, outputTeam, putOutput, treeOfAttempt } from "./attempt-files.ts";
import { createSession } from "./create.ts";
import type { NodeLink, NodeLinks } from "./node-links.ts";
import { ownSession, showSession, visibleSession } from "./show.ts";
import { stopSession } from "./stop.ts";
import { listVisible } from "./store.ts";
import { whyWaiting } from "./why.ts";

const tags = ["sessions"];
const one = { params: z.object({ id: idSchema("session") }) };
const octets = { "application/octet-stream": { schema: z.string().meta({ format: "binary" }) } };

export function sessionRoutes(live: Live) {
  const router = createRouter();

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
        200: json(
          z.object({
            state: sessionStateSchema,
            position: z.number().int().nullable(),
            nodes: z.array(z.object({ node: z.string(), reason: z.string() })),
          }),
        ),
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

const attemptParam = z.object({ attempt: idSchema("attempt") });
const epochHeader = z.object({ "x-podium-epoch": z.coerce.number().int().positive() });

/** What a node may ask on behalf of the attempts that were placed on it. */
export function runnerRoutes(links: NodeLinks) {
  const router = createRouter();
  const runner = ["runner"];

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
  router.openapi(
    route({
      method: "get",
      path: "/runner/attempts/{attempt}/trees/{tree}",
      tags: runner,
      summary: "A tree that the attempt mounts",
      request: { params: attemptParam.extend({ tree: sha256Schema }), headers: epochHeader },
      responses: { 200: json(treeSchema) },
    }),
    async (c) => {
      const { attempt, tree } = c.req.valid("param");
      const { session } = await attemptOfNode(c.var.ctx, attempt, c.req.valid("header")["x-podium-epoch"]);
      const { id, size, entries } = await treeOfAttempt(c.var.ctx, session, tree);
      return c.json({ id, size, entries }, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/runner/attempts/{attempt}/blobs/{sha256}",
      tags: runner,
      summary: "A file of a tree that the attempt mounts",
      request: { params: attemptParam.extend({ sha256: sha256Schema }), headers: epochHeader },
      responses: { 200: { description: "The bytes", content: octets } },
    }),
    async (c) => {
      const { attempt, sha256 } = c.req.valid("param");
      const { session } = await attemptOfNode(c.var.ctx, attempt, c.req.valid("header")["x-podium-epoch"]);
      return new Response(await blobOfAttempt(c.var.ctx, session, sha256), {
        headers: { "content-type": "application/octet-stream" },
      });
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/runner/attempts/{attempt}/blobs/missing",
      tags: runner,
      summary: "Which files the hub lacks",
      request: {
        params: attemptParam,
        headers: epochHeader,
        ...jsonBody(z.strictObject({ sha256: z.array(sha256Schema).max(10_000) })),
      },
      responses: { 200: json(z.object({ missing: z.array(sha256Schema) })) },
    }),
    async (c) => {
      const { session } = await attemptOfNode(
        c.var.ctx,
        c.req.valid("param").attempt,
        c.req.valid("header")["x-podium-epoch"],
      );
      const { sha256 } = c.req.valid("json");
      const owned = await ownedBlobs(c.var.ctx.db, outputTeam(session), sha256);
      return c.json({ missing: sha256.filter((hash) => !owned.has(hash)) }, 200);
    },
  );
  router.openapi(
    route({
      method: "put",
      path: "/runner/attempts/{attempt}/blobs/{sha256}",
      tags: runner,
      summary: "Store a file that the session wrote",
      request: {
        params: attemptParam.extend({ sha256: sha256Schema }),
        headers: epochHeader,
        body: { content: octets },
      },
      responses: { 204: { description: "Stored" } },
    }),
    async (c) => {
      const { attempt, sha256 } = c.req.valid("param");
      const { session } = await attemptOfNode(c.var.ctx, attempt, c.req.valid("header")["x-podium-epoch"]);
      const body = (c.req.raw.body as unknown as AsyncIterable<Uint8Array> | null) ?? new Uint8Array(0);
      await putOutput(c.var.ctx, session, sha256, body);
      return c.body(null, 204);
    },
  );
  return router;
}
