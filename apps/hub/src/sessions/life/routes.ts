import { z } from "@hono/zod-openapi";
import { forkSessionSchema, idSchema, migrateSessionSchema, sessionSchema } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { createRouter, json, jsonBody, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import { showSession, visibleSession } from "../show.ts";
import type { SessionRow } from "../store.ts";
import { type FindCheckpoint, forkSession } from "./fork.ts";
import { migrateSession } from "./migrate.ts";
import { pauseSession } from "./pause.ts";
import { type FindSessionUses, removeSession } from "./remove.ts";
import { resumeSession } from "./resume.ts";

const tags = ["sessions"];
const one = { params: z.object({ id: idSchema("session") }) };

/** What later domains know of sessions. */
export interface FromLaterDomains {
  findCheckpoint: FindCheckpoint;
  uses: readonly FindSessionUses[];
}

/** Pausing, resuming, moving, forking and removing sessions. */
export function lifeRoutes({ findCheckpoint, uses }: FromLaterDomains) {
  const router = createRouter();
  addInterruptions(router, findCheckpoint);

  router.openapi(
    route({
      method: "post",
      path: "/sessions/{id}/fork",
      tags,
      summary: "Make a new session of another's code, arguments, data and checkpoint",
      request: { ...one, ...jsonBody(forkSessionSchema) },
      responses: { 201: json(sessionSchema) },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const input = c.req.valid("json");
      const { ctx } = c.var;
      return c.json(await shown(ctx, (tx) => forkSession(ctx, tx, id, input, findCheckpoint)), 201);
    },
  );
  router.openapi(
    route({
      method: "delete",
      path: "/sessions/{id}",
      tags,
      summary: "Remove a session that has ended, with its log, metrics and checkpoints",
      request: one,
      responses: { 204: { description: "It is gone" } },
    }),
    async (c) => {
      const { ctx } = c.var;
      await inTransaction(ctx, async (tx) => {
        await removeSession(ctx, tx, c.req.valid("param").id, uses);
        return null;
      });
      return c.body(null, 204);
    },
  );
  return router;
}

function addInterruptions(router: ReturnType<typeof createRouter>, findCheckpoint: FindCheckpoint): void {
  router.openapi(
    route({
      method: "post",
      path: "/sessions/{id}/pause",
      tags,
      summary: "Pause a session: checkpoint call, grace period, end; then it holds nothing and pays nothing",
      request: one,
      responses: { 200: json(sessionSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      return c.json(await shown(ctx, (tx) => pauseSession(ctx, tx, c.req.valid("param").id)), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/sessions/{id}/resume",
      tags,
      summary: "Let a paused session go on; of one that has ended, a new one from its latest checkpoint",
      request: one,
      responses: { 200: json(sessionSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { id } = c.req.valid("param");
      return c.json(await shown(ctx, (tx) => resumeSession(ctx, tx, id, findCheckpoint)), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/sessions/{id}/migrate",
      tags,
      summary: "Move a session to another node, by way of a checkpoint",
      request: { ...one, ...jsonBody(migrateSessionSchema) },
      responses: { 200: json(sessionSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { id } = c.req.valid("param");
      const { node, from } = c.req.valid("json");
      return c.json(await shown(ctx, (tx) => migrateSession(ctx, tx, id, node, from)), 200);
    },
  );
}

/** Does a verb once, and shows the session that it leaves. */
async function shown(ctx: Context, verb: (tx: Tx) => Promise<SessionRow>) {
  const { id } = await inTransaction(ctx, async (tx) => ({ id: (await verb(tx)).id }));
  return showSession(await visibleSession(ctx, id));
}
