import { z } from "@hono/zod-openapi";
import { createStreamSchema, DomainError, type Id, idSchema, streamSchema } from "@podium/shared";
import { upgradeWebSocket } from "hono/bun";
import type { WSContext } from "hono/ws";
import type { Context } from "../../platform/context.ts";
import { createRouter, json, jsonBody, route } from "../../platform/http.ts";
import { emit } from "../../platform/outbox.ts";
import { inTransaction } from "../../platform/transaction.ts";
import type { Exchange, StreamSocket } from "./exchange.ts";
import { openStream } from "./open.ts";
import { findStream, markStream } from "./store.ts";

const CONNECT_WITHIN_MS = 60_000;

/** A person's side of streams. */
export function streamRoutes(exchange: Exchange) {
  const router = createRouter();
  router.openapi(
    route({
      method: "post",
      path: "/sessions/{id}/streams",
      tags: ["sessions"],
      summary: "Enter a running session: then connect to /api/v1/streams/{id}/connect by WebSocket",
      request: { params: z.object({ id: idSchema("session") }), ...jsonBody(createStreamSchema) },
      responses: { 201: json(streamSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const opened = await inTransaction(ctx, async (tx) => ({
        id: await openStream(ctx, tx, c.req.valid("param").id, c.req.valid("json")),
      }));
      return c.json(opened, 201);
    },
  );
  router.get(
    "/streams/:id/connect",
    async (c, next) => {
      await requireOwn(c.var.ctx, c.req.param("id"));
      await next();
    },
    upgradeWebSocket((c) => {
      const ctx = c.get("ctx" as never) as Context;
      const id = c.req.param("id") ?? "";
      return {
        onOpen: (_event, socket) => void begin(ctx, exchange, id, wrap(socket)),
        onMessage: (event) => exchange.pass(id, "person", dataOf(event.data)),
        onClose: () => exchange.leave(id, "person"),
      };
    }),
  );
  return router;
}

/** A runner's side of streams. */
export function runnerStreamRoutes(exchange: Exchange) {
  const router = createRouter();
  router.get(
    "/runner/streams/:id",
    async (c, next) => {
      const { actor, db } = c.var.ctx;
      if (actor.kind !== "node") throw new DomainError("unauthenticated", "Send the node's token.");
      const found = await findStream(db, c.req.param("id"));
      if (found?.nodeId !== actor.nodeId || found.stream.endedAt)
        throw new DomainError("not_found", "Nobody waits at this stream.");
      await next();
    },
    upgradeWebSocket((c) => {
      const ctx = c.get("ctx" as never) as Context;
      const id = c.req.param("id") ?? "";
      let joined = false;
      return {
        onOpen: (_event, socket) => {
          joined = exchange.join(id, wrap(socket));
          if (joined) markStream(ctx.db, id, "joinedAt", ctx.clock.now()).catch(logged(ctx));
          else socket.close(4404, "nobody waits at this hub");
        },
        onMessage: (event) => joined && exchange.pass(id, "runner", dataOf(event.data)),
        onClose: () => joined && exchange.leave(id, "runner"),
      };
    }),
  );
  return router;
}

/** Each stream is one person's, once, soon after it was opened. @throws DomainError `not_found` */
async function requireOwn(ctx: Context, id: string): Promise<void> {
  const found = ctx.actor.kind === "user" ? await findStream(ctx.db, id) : null;
  const isOwn = ctx.actor.kind === "user" && found?.stream.userId === ctx.actor.userId;
  const age = found ? ctx.clock.now().getTime() - found.stream.createdAt.getTime() : 0;
  if (!isOwn || found.stream.waitingAt || age > CONNECT_WITHIN_MS)
    throw new DomainError("not_found", "There is no such stream that waits for you. Open one first.");
}

/** Tells the node that somebody waits; its runner dials in. */
async function begin(ctx: Context, exchange: Exchange, id: string, socket: StreamSocket): Promise<void> {
  const ended = () => void markStream(ctx.db, id, "endedAt", ctx.clock.now()).catch(logged(ctx));
  if (!exchange.wait(id, socket, ended)) return socket.close(1013, "too many streams are open");
  try {
    const found = await findStream(ctx.db, id);
    if (!found || !(await markStream(ctx.db, id, "waitingAt", ctx.clock.now())))
      return exchange.leave(id, "person");
    await emit(ctx, ctx.db, {
      type: "session.stream",
      session_id: found.stream.sessionId as Id<"session">,
      team_id: found.teamId as Id<"team">,
      node_id: found.nodeId as Id<"node">,
    });
  } catch (error) {
    logged(ctx)(error);
    exchange.leave(id, "runner");
  }
}

const logged = (ctx: Context) => (error: unknown) =>
  ctx.log.error({ err: error }, "a stream could not be looked after");

function wrap(socket: WSContext): StreamSocket {
  const raw = socket.raw as { getBufferedAmount?(): number } | undefined;
  return {
    send: (data) => socket.send(data),
    close: (code, reason) => socket.close(code, reason),
    buffered: () => raw?.getBufferedAmount?.() ?? 0,
  };
}

function dataOf(data: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof data === "string") return data;
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data as Uint8Array<ArrayBuffer>);
}
