import { z } from "@hono/zod-openapi";
import {
  attemptSchema,
  checkpointSchema,
  DomainError,
  type Id,
  idSchema,
  logLineSchema,
  metricPointSchema,
  postRecordsSchema,
  recordsAckSchema,
  sha256Schema,
} from "@podium/shared";
import { createRouter, json, jsonBody, route } from "../platform/http.ts";
import { inTransaction } from "../platform/transaction.ts";
import { attemptOfNode, findSession, isEnded, visibleSession } from "../sessions/index.ts";
import { requireCheckpoint } from "./find-checkpoint.ts";
import { listAttempts } from "./list-attempts.ts";
import { type FindCheckpointUses, removeCheckpoint } from "./remove-checkpoint.ts";
import { listCheckpoints, logsAfter, metricsAfter } from "./store.ts";
import { storeRecords } from "./store-records.ts";

const tags = ["tracking"];
const one = { params: z.object({ id: idSchema("session") }) };
const cursor = z.object({
  after_seq: z.coerce.number().int().min(0).default(0).describe("`next_seq` of the answer before"),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
});

export function trackingRoutes(checkpointUses: readonly FindCheckpointUses[]) {
  const router = createRouter();

  router.openapi(
    route({
      method: "get",
      path: "/sessions/{id}/logs",
      tags,
      summary: "Lines of a session's output, in order",
      request: { ...one, query: cursor },
      responses: {
        200: json(
          z.object({
            items: z.array(logLineSchema),
            next_seq: z.number().int(),
            complete: z.boolean().describe("Ended, and nothing more will come"),
          }),
        ),
      },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { after_seq, limit } = c.req.valid("query");
      const { session } = await visibleSession(ctx, c.req.valid("param").id);
      const rows = await logsAfter(ctx.db, session.id, after_seq, limit);
      const items = rows.map((row) => ({
        seq: row.position,
        at: row.at.toISOString(),
        rank: row.rank,
        text: row.text,
      }));
      return c.json(
        {
          items,
          next_seq: rows.at(-1)?.position ?? after_seq,
          complete: isEnded(session.state) && rows.length < limit,
        },
        200,
      );
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/sessions/{id}/metrics",
      tags,
      summary: "Values that a session reported, in order",
      request: { ...one, query: cursor.extend({ name: z.string().max(250).optional() }) },
      responses: { 200: json(z.object({ items: z.array(metricPointSchema), next_seq: z.number().int() })) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { after_seq, limit, name } = c.req.valid("query");
      const { session } = await visibleSession(ctx, c.req.valid("param").id);
      const rows = await metricsAfter(ctx.db, session.id, after_seq, name, limit);
      const items = rows.map((row) => ({
        seq: row.position,
        rank: row.rank,
        name: row.name,
        step: row.step,
        value: row.value,
        at: row.at.toISOString(),
      }));
      return c.json({ items, next_seq: rows.at(-1)?.position ?? after_seq }, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/sessions/{id}/checkpoints",
      tags,
      summary: "What a session saved",
      request: one,
      responses: { 200: json(z.object({ items: z.array(checkpointSchema) })) },
    }),
    async (c) => {
      const { session } = await visibleSession(c.var.ctx, c.req.valid("param").id);
      const rows = await listCheckpoints(c.var.ctx.db, session.id);
      const items = rows.map((row) => ({
        id: row.id as Id<"checkpoint">,
        name: row.name,
        tree_id: row.treeId,
        size_bytes: row.sizeBytes,
        metrics: row.metrics,
        created_at: row.createdAt.toISOString(),
      }));
      return c.json({ items }, 200);
    },
  );
  router.openapi(
    route({
      method: "delete",
      path: "/sessions/{id}/checkpoints",
      tags,
      summary: "Remove a checkpoint of a session",
      request: { ...one, query: z.object({ name: z.string().min(1).max(1000) }) },
      responses: { 204: { description: "It is gone" } },
    }),
    async (c) => {
      const { ctx } = c.var;
      const input = { sessionId: c.req.valid("param").id, name: c.req.valid("query").name };
      await inTransaction(ctx, async (tx) => {
        await removeCheckpoint(ctx, tx, input, checkpointUses);
        return null;
      });
      return c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/sessions/{id}/attempts",
      tags,
      summary:
        "Where and when a session ran, how that ended, and up to where its log and metrics are complete",
      request: one,
      responses: { 200: json(z.object({ items: z.array(attemptSchema) })) },
    }),
    async (c) => c.json({ items: await listAttempts(c.var.ctx, c.req.valid("param").id) }, 200),
  );
  return router;
}

/** What a node sends and asks on behalf of its attempts. */
export function runnerRecordRoutes() {
  const router = createRouter();
  const runner = ["runner"];
  const params = z.object({ attempt: idSchema("attempt") });

  router.openapi(
    route({
      method: "post",
      path: "/runner/attempts/{attempt}/records",
      tags: runner,
      summary: "Store records of an attempt's spool",
      request: { params, ...jsonBody(postRecordsSchema) },
      responses: { 200: json(recordsAckSchema) },
    }),
    async (c) => {
      const { epoch, records } = c.req.valid("json");
      return c.json(
        { acked_seq: await storeRecords(c.var.ctx, c.req.valid("param").attempt, epoch, records) },
        200,
      );
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/runner/attempts/{attempt}/checkpoints",
      tags: runner,
      summary: "A checkpoint by name, of this session or of another of its team",
      request: {
        params,
        query: z.object({ name: z.string(), session: z.string().optional().describe("owner/dataset/N") }),
        headers: z.object({ "x-podium-epoch": z.coerce.number().int().positive() }),
      },
      responses: { 200: json(z.object({ name: z.string(), tree_id: sha256Schema })) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { name, session: other } = c.req.valid("query");
      const { session } = await attemptOfNode(
        ctx,
        c.req.valid("param").attempt,
        c.req.valid("header")["x-podium-epoch"],
      );
      const source = other ? await findSession(ctx.db, { name: other }) : session;
      if (!source || source.teamId !== session.teamId || source.hidden) {
        throw new DomainError("not_found", `Your team has no session "${other}".`);
      }
      const found = await requireCheckpoint(ctx.db, source, name);
      return c.json({ name: found.name, tree_id: found.treeId }, 200);
    },
  );
  return router;
}
