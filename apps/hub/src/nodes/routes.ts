import { z } from "@hono/zod-openapi";
import {
  type Id,
  joinedNodeSchema,
  joinNodeSchema,
  joinTokenSchema,
  nodeFiguresSchema,
  nodeSchema,
  nodeStateSchema,
} from "@podium/shared";
import { requireUser } from "../platform/context.ts";
import { createRouter, json, jsonBody, route } from "../platform/http.ts";
import { inTransaction } from "../platform/transaction.ts";
import { createJoinToken } from "./create-join-token.ts";
import { drainNode } from "./drain.ts";
import { joinNode } from "./join.ts";
import { listNodes } from "./store.ts";

const tags = ["nodes"];

export function nodeRoutes(configuredJoinToken: string | undefined) {
  const router = createRouter();

  router.openapi(
    route({
      method: "get",
      path: "/nodes",
      tags,
      summary: "Nodes and their free devices",
      responses: { 200: json(z.object({ items: z.array(nodeSchema) })) },
    }),
    async (c) => {
      requireUser(c.var.ctx);
      const rows = await listNodes(c.var.ctx.db);
      const items = rows.map(({ node, used, present, freeMilli }) => ({
        id: node.id as Id<"node">,
        name: node.name,
        state: node.state,
        capacity: node.capacity,
        free_devices: Math.max(0, present - used),
        figures: nodeFiguresSchema.safeParse(node.usage).data ?? null,
        free_gpu_milli: freeMilli,
        last_seen_at: node.lastSeenAt?.toISOString() ?? null,
      }));
      return c.json({ items }, 200);
    },
  );
  for (const verb of ["drain", "resume"] as const) {
    router.openapi(
      route({
        method: "post",
        path: `/nodes/{name}/${verb}` as const,
        tags,
        summary: verb === "drain" ? "Finish what runs, take nothing new" : "Take sessions again",
        request: { params: z.object({ name: z.string().max(63) }) },
        responses: { 200: json(nodeStateSchema) },
      }),
      async (c) => {
        const { ctx } = c.var;
        const { name } = c.req.valid("param");
        const draining = verb === "drain";
        const { state } = await inTransaction(ctx, (tx) => drainNode(ctx, tx, { name, draining }));
        return c.json({ name, state, draining }, 200);
      },
    );
  }
  router.openapi(
    route({
      method: "post",
      path: "/nodes/join-tokens",
      tags,
      summary: "Make a join token for a new node",
      responses: { 201: json(joinTokenSchema) },
    }),
    async (c) => c.json(await createJoinToken(c.var.ctx), 201),
  );
  router.openapi(
    route({
      method: "post",
      path: "/nodes/join",
      tags,
      public: true,
      summary: "Join as a node",
      request: jsonBody(joinNodeSchema),
      responses: { 201: json(joinedNodeSchema) },
    }),
    async (c) => c.json(await joinNode(c.var.ctx, configuredJoinToken, c.req.valid("json")), 201),
  );
  return router;
}
