import { z } from "@hono/zod-openapi";
import {
  createEndpointKeySchema,
  DomainError,
  endpointKeySchema,
  idSchema,
  newEndpointKeySchema,
  rotateKeySchema,
  slugSchema,
} from "@podium/shared";
import { type Context, resolveTeam } from "../../platform/context.ts";
import { createRouter, json, jsonBody, type Router, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import { endpointFor } from "../endpoint-for.ts";
import { createKey } from "./create-key.ts";
import { revokeKey } from "./revoke-key.ts";
import { rotateKey } from "./rotate-key.ts";
import { showKeys } from "./show-keys.ts";
import type { KeyOwner } from "./store.ts";

const tags = ["serving"];
const done = { 204: { description: "Done" } };

/** Whose keys a path is about, and what they are called. */
interface Keys {
  owner: KeyOwner;
  names: { team: string; endpoint: string | null };
}

async function ofEndpoint(ctx: Context, name: string): Promise<Keys> {
  const { endpoint, team } = await endpointFor(ctx, name);
  return { owner: { endpointId: endpoint.id }, names: { team, endpoint: endpoint.name } };
}

/** A key of a team opens all of its endpoints: who may change the team may make it. */
async function ofTeam(ctx: Context, slug: string, changes: boolean): Promise<Keys> {
  const team = resolveTeam(ctx, slug);
  if (changes && team.role === "member")
    throw new DomainError("forbidden", `Only an owner or admin of "${team.slug}" may change its keys.`);
  return { owner: { teamId: team.id }, names: { team: team.slug, endpoint: null } };
}

/** Keys of endpoints at `/endpoints/{name}/keys`, and of teams, for all their endpoints, at `/teams/{name}/endpoint-keys`. */
export function keyRoutes() {
  const router = createRouter();
  addKeyRoutes(router, "/endpoints/{name}/keys", "an endpoint", ofEndpoint);
  addKeyRoutes(router, "/teams/{name}/endpoint-keys", "all endpoints of a team", ofTeam);
  return router;
}

function addKeyRoutes(
  router: Router,
  path: string,
  what: string,
  keysOf: (ctx: Context, name: string, changes: boolean) => Promise<Keys>,
) {
  const named = { params: z.object({ name: slugSchema }) };
  const one = { params: z.object({ name: slugSchema, id: idSchema("endpointKey") }) };
  router.openapi(
    route({
      method: "get",
      path,
      tags,
      summary: `API keys of ${what}`,
      request: named,
      responses: { 200: json(z.object({ items: z.array(endpointKeySchema) })) },
    }),
    async (c) => {
      const { owner, names } = await keysOf(c.var.ctx, c.req.valid("param").name, false);
      return c.json({ items: await showKeys(c.var.ctx, owner, names) }, 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path,
      tags,
      summary: `Make an API key of ${what}`,
      request: { ...named, ...jsonBody(createEndpointKeySchema) },
      responses: { 201: json(newEndpointKeySchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { owner } = await keysOf(ctx, c.req.valid("param").name, true);
      const input = c.req.valid("json");
      // A stored answer would keep the secret: a retry makes another key instead.
      return c.json(await ctx.db.transaction((tx) => createKey(ctx, tx, owner, input)), 201);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: `${path}/{id}/rotate`,
      tags,
      summary: `Give an API key of ${what} a new secret`,
      request: { ...one, ...jsonBody(rotateKeySchema) },
      responses: { 200: json(newEndpointKeySchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const { name, id } = c.req.valid("param");
      const { owner } = await keysOf(ctx, name, true);
      const input = c.req.valid("json");
      return c.json(await ctx.db.transaction((tx) => rotateKey(ctx, tx, owner, id, input)), 200);
    },
  );
  router.openapi(
    route({
      method: "delete",
      path: `${path}/{id}`,
      tags,
      summary: `Revoke an API key of ${what}`,
      request: one,
      responses: done,
    }),
    async (c) => {
      const { ctx } = c.var;
      const { name, id } = c.req.valid("param");
      const { owner } = await keysOf(ctx, name, true);
      await inTransaction(ctx, async (tx) => {
        await revokeKey(ctx, tx, owner, id);
        return {};
      });
      return c.body(null, 204);
    },
  );
}
