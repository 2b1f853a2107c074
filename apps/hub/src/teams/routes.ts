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
import { inTransaction } from "../platform/transaction.ts";
import { addMember } from "./add-member.ts";
import { createTeam } from "./create.ts";
import { invitationRoutes } from "./invitations/routes.ts";
import type { TeamOptions } from "./member-rule.ts";
import { register } from "./register.ts";
import { removeMember } from "./remove-member.ts";
import { listMembers } from "./store.ts";

const slugParam = { params: z.object({ slug: slugSchema }) };

export function teamRoutes(auth: Auth, attempts: AttemptLimiter, options: TeamOptions) {
  const router = createRouter();
  router.route("/", invitationRoutes(options));

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
      summary: "Make somebody a member unasked; for administrators",
      request: { ...slugParam, ...jsonBody(addMemberSchema) },
      responses: { 201: json(memberSchema) },
    }),
    async (c) => {
      const input = { slug: c.req.valid("param").slug, ...c.req.valid("json") };
      return c.json(await addMember(c.var.ctx, input, options.rules), 201);
    },
  );
  router.openapi(
    route({
      method: "delete",
      path: "/teams/{slug}/members/{name}",
      tags: ["teams"],
      summary: "Leave a team, or take somebody out",
      request: { params: slugParam.params.extend({ name: z.string().min(1).max(100) }) },
      responses: { 204: { description: "No member any more" } },
    }),
    async (c) => {
      const { ctx } = c.var;
      await inTransaction(ctx, async (tx) => {
        await removeMember(ctx, tx, c.req.valid("param"), options.rules);
        return {};
      });
      return c.body(null, 204);
    },
  );
  return router;
}
