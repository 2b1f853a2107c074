import { z } from "@hono/zod-openapi";
import {
  DomainError,
  endpointSchema,
  type Id,
  rolloutSchema,
  setShadowSchema,
  setTrafficSchema,
  slugSchema,
  startRolloutSchema,
  trafficChangeSchema,
  versionFiguresSchema,
} from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { createRouter, cutPage, json, jsonBody, page, pageQuery, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import { endpointFor } from "../endpoint-for.ts";
import { promoteRollout } from "../rollouts/promote-rollout.ts";
import { showRollout } from "../rollouts/show-rollout.ts";
import { startRollout } from "../rollouts/start-rollout.ts";
import { steerRollout } from "../rollouts/steer-rollout.ts";
import { findRollout, listRollouts } from "../rollouts/store.ts";
import { showEndpoint } from "../show-endpoint.ts";
import { type EndpointRow, findEndpoint } from "../store.ts";
import { showFigures } from "../versions/show-figures.ts";
import { rollBackTraffic } from "./rollback.ts";
import { setShadow } from "./set-shadow.ts";
import { setTraffic } from "./set-traffic.ts";
import { listTrafficChanges } from "./store.ts";

const tags = ["serving"];
const params = z.object({ name: slugSchema });

/** Finds the endpoint, which the caller may change, and changes it in one transaction. @throws DomainError `not_found`, the change's own */
async function change(
  ctx: Context,
  name: string,
  by: (tx: Tx, endpoint: EndpointRow) => Promise<void>,
): Promise<EndpointRow> {
  const { endpoint } = await endpointFor(ctx, name);
  await inTransaction(ctx, async (tx) => {
    await by(tx, endpoint);
    return {};
  });
  return endpoint;
}

/** As `change`, and shows the endpoint as it is then. */
async function changeAndShow(ctx: Context, name: string, by: Parameters<typeof change>[2]) {
  await change(ctx, name, by);
  const found = await findEndpoint(ctx.db, { name });
  if (!found) throw new DomainError("not_found", `There is no endpoint called "${name}" any more.`);
  return showEndpoint(ctx, found.endpoint, found.team);
}

export function trafficRoutes() {
  const router = createRouter();

  router.openapi(
    route({
      method: "put",
      path: "/endpoints/{name}/traffic",
      tags,
      summary: "Set the shares of all versions at once",
      request: { params, ...jsonBody(setTrafficSchema) },
      responses: { 200: json(endpointSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const shown = await changeAndShow(ctx, c.req.valid("param").name, (tx, endpoint) =>
        setTraffic(ctx, tx, endpoint, c.req.valid("json")),
      );
      return c.json(shown, 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/endpoints/{name}/traffic/rollback",
      tags,
      summary: "Go back to the shares before the last change; ends a canary",
      request: { params },
      responses: { 200: json(endpointSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const shown = await changeAndShow(ctx, c.req.valid("param").name, (tx, endpoint) =>
        rollBackTraffic(ctx, tx, endpoint),
      );
      return c.json(shown, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/endpoints/{name}/traffic/changes",
      tags,
      summary: "Who changed the shares, when, from what to what; newest first",
      request: { params, query: pageQuery },
      responses: { 200: json(page(trafficChangeSchema)) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { endpoint } = await endpointFor(ctx, c.req.valid("param").name);
      const { limit, after } = c.req.valid("query");
      const rows = await listTrafficChanges(ctx.db, endpoint.id, limit + 1, after);
      const { items, next } = cutPage(rows, limit, ({ change }) => change.id);
      const shown = items.map(({ change, actor }) => ({
        id: change.id as Id<"trafficChange">,
        at: change.at.toISOString(),
        actor,
        cause: change.cause,
        before: change.before,
        after: change.after,
        note: change.note,
      }));
      return c.json({ items: shown, next }, 200);
    },
  );
  router.openapi(
    route({
      method: "put",
      path: "/endpoints/{name}/shadow",
      tags,
      summary: "Send a version copies of a share of the calls",
      request: { params, ...jsonBody(setShadowSchema) },
      responses: { 200: json(endpointSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const shown = await changeAndShow(ctx, c.req.valid("param").name, (tx, endpoint) =>
        setShadow(ctx, tx, endpoint, c.req.valid("json")),
      );
      return c.json(shown, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/endpoints/{name}/versions",
      tags,
      summary: "What was counted of each version, and how shadows compare",
      request: { params },
      responses: { 200: json(z.object({ items: z.array(versionFiguresSchema) })) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { endpoint } = await endpointFor(ctx, c.req.valid("param").name);
      return c.json({ items: await showFigures(ctx, endpoint.id) }, 200);
    },
  );
  return router;
}

export function rolloutRoutes() {
  const router = createRouter();

  router.openapi(
    route({
      method: "post",
      path: "/endpoints/{name}/rollouts",
      tags,
      summary: "Begin a canary",
      request: { params, ...jsonBody(startRolloutSchema) },
      responses: { 201: json(rolloutSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { endpoint } = await endpointFor(ctx, c.req.valid("param").name);
      const { id } = await inTransaction(ctx, async (tx) => ({
        id: await startRollout(ctx, tx, endpoint, c.req.valid("json")),
      }));
      const found = await findRollout(ctx.db, id);
      if (!found) throw new Error("The canary is gone.");
      return c.json(showRollout(found.rollout, found.version), 201);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/endpoints/{name}/rollouts",
      tags,
      summary: "Canaries, newest first; one that is under way is the first",
      request: { params, query: pageQuery },
      responses: { 200: json(page(rolloutSchema)) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { endpoint } = await endpointFor(ctx, c.req.valid("param").name);
      const { limit, after } = c.req.valid("query");
      const rows = await listRollouts(ctx.db, endpoint.id, limit + 1, after);
      const { items, next } = cutPage(rows, limit, ({ rollout }) => rollout.id);
      return c.json({ items: items.map(({ rollout, version }) => showRollout(rollout, version)), next }, 200);
    },
  );
  for (const [wish, steer] of Object.entries(WISHES))
    router.openapi(
      route({
        method: "post",
        path: `/endpoints/{name}/rollouts/${wish as keyof typeof WISHES}`,
        tags,
        summary: `${wish[0]?.toUpperCase()}${wish.slice(1)} the canary that is under way`,
        request: { params },
        responses: { 200: json(rolloutSchema) },
      }),
      async (c) => {
        const { ctx } = c.var;
        const { id } = await change(ctx, c.req.valid("param").name, (tx, endpoint) =>
          steer(ctx, tx, endpoint),
        );
        const [newest] = await listRollouts(ctx.db, id, 1, undefined);
        if (!newest) throw new Error("The canary is gone.");
        return c.json(showRollout(newest.rollout, newest.version), 200);
      },
    );
  return router;
}

type Steer = (ctx: Context, tx: Tx, endpoint: EndpointRow) => Promise<void>;

/** What people may do to a canary that is under way. */
const WISHES = {
  pause: (ctx, tx, endpoint) => steerRollout(ctx, tx, endpoint, "pause"),
  resume: (ctx, tx, endpoint) => steerRollout(ctx, tx, endpoint, "resume"),
  abort: (ctx, tx, endpoint) => steerRollout(ctx, tx, endpoint, "abort"),
  promote: promoteRollout,
} satisfies Record<string, Steer>;
