import { z } from "@hono/zod-openapi";
import {
  addMemberSchema,
  createTeamSchema,
  type Id,
  memberSchema,
  meSchema,
  signUpSchema,
  slugSchema,
  teamSchema,
} from "@podium/shared";
import { type Auth, findUser } from "../accounts/index.ts";
import type { AttemptLimiter } from "../platform/attempt-limiter.ts";
import { requireUser, resolveTeam } from "../platform/context.ts";
import { createRouter, json, jsonBody, route } from "../platform/http.ts";
import { addMember } from "./add-member.ts";
import { createTeam } from "./create.ts";
import { register } from "./register.ts";
import { listMembers } from "./store.ts";

const slugParam = { params: z.object({ slug: slugSchema }) };

export function teamRoutes(auth: Auth, attempts: AttemptLimiter) {
  const router = createRouter();

  router.openapi(
    route({
      method: "post",
      path: "/auth/sign-up",
      tags: ["accounts"],
      public: true,
      summary: "Make an account and its personal team",
      request: jsonBody(signUpSchema),
      responses: { 204: { description: "Made and logged in; the cookie is set" } },
    }),
    async (c) => {
      const input = { ...c.req.valid("json"), address: c.var.address };
      const { headers } = await register(c.var.ctx, auth, attempts, input);
      for (const cookie of headers.getSetCookie()) c.header("set-cookie", cookie, { append: true });
      return c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/me",
      tags: ["accounts"],
      summary: "Who you are",
      responses: { 200: json(meSchema) },
    }),
    async (c) => {
      const actor = requireUser(c.var.ctx);
      const user = await findUser(c.var.ctx.db, { id: actor.userId });
      return c.json(
        {
          id: actor.userId,
          email: user?.email ?? "",
          name: user?.name ?? "",
          role: actor.role,
          teams: [...actor.teams],
        },
        200,
      );
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/teams",
      tags: ["teams"],
      summary: "Teams that you belong to",
      responses: { 200: json(z.object({ items: z.array(teamSchema) })) },
    }),
    (c) => c.json({ items: [...requireUser(c.var.ctx).teams] }, 200),
  );
  router.openapi(
    route({
      method: "post",
      path: "/teams",
      tags: ["teams"],
      summary: "Make a team",
      request: jsonBody(createTeamSchema),
      responses: { 201: json(teamSchema) },
    }),
    async (c) => c.json(await createTeam(c.var.ctx, c.req.valid("json")), 201),
  );
  router.openapi(
    route({
      method: "get",
      path: "/teams/{slug}/members",
      tags: ["teams"],
      summary: "Members of a team of yours",
      request: slugParam,
      responses: { 200: json(z.object({ items: z.array(memberSchema) })) },
    }),
    async (c) => {
      const team = resolveTeam(c.var.ctx, c.req.valid("param").slug);
      const rows = await listMembers(c.var.ctx.db, team.id);
      return c.json({ items: rows.map((row) => ({ ...row, user_id: row.user_id as Id<"user"> })) }, 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/teams/{slug}/members",
      tags: ["teams"],
      summary: "Add a member",
      request: { ...slugParam, ...jsonBody(addMemberSchema) },
      responses: { 201: json(memberSchema) },
    }),
    async (c) =>
      c.json(await addMember(c.var.ctx, { slug: c.req.valid("param").slug, ...c.req.valid("json") }), 201),
  );
  return router;
}
