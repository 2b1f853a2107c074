import { z } from "@hono/zod-openapi";
import {
  answerInvitationSchema,
  idSchema,
  inviteSchema,
  slugSchema,
  teamInvitationSchema,
} from "@podium/shared";
import { createRouter, json, jsonBody, route } from "../../platform/http.ts";
import { inTransaction } from "../../platform/transaction.ts";
import type { TeamOptions } from "../member-rule.ts";
import { acceptInvitation } from "./accept.ts";
import { declineInvitation } from "./decline.ts";
import { invite } from "./invite.ts";
import { ownInvitations, teamsInvitations } from "./list.ts";
import { revokeInvitation } from "./revoke.ts";

const tags = ["teams"];
const ofTeam = { params: z.object({ slug: slugSchema }) };
const idParam = z.object({ id: idSchema("teamInvitation") });
const list = z.object({ items: z.array(teamInvitationSchema) });

export function invitationRoutes(options: TeamOptions) {
  const router = createRouter();
  router.openapi(
    route({
      method: "post",
      path: "/teams/{slug}/invitations",
      tags,
      summary: "Invite somebody by their address",
      request: { ...ofTeam, ...jsonBody(inviteSchema) },
      responses: { 201: json(teamInvitationSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const input = { slug: c.req.valid("param").slug, ...c.req.valid("json") };
      return c.json(await inTransaction(ctx, (tx) => invite(ctx, tx, input, options.sendsMail)), 201);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/teams/{slug}/invitations",
      tags,
      summary: "A team's invitations, newest first",
      request: ofTeam,
      responses: { 200: json(list) },
    }),
    async (c) => {
      const { slug } = c.req.valid("param");
      return c.json({ items: await teamsInvitations(c.var.ctx, slug, options.sendsMail) }, 200);
    },
  );
  router.openapi(
    route({
      method: "delete",
      path: "/teams/{slug}/invitations/{id}",
      tags,
      summary: "Take back an invitation",
      request: { params: ofTeam.params.extend(idParam.shape) },
      responses: { 204: { description: "It can't be accepted any more" } },
    }),
    async (c) => {
      const { ctx } = c.var;
      await inTransaction(ctx, async (tx) => {
        await revokeInvitation(ctx, tx, c.req.valid("param"));
        return {};
      });
      return c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/invitations",
      tags,
      summary: "Invitations that wait for your answer",
      responses: { 200: json(list) },
    }),
    async (c) => c.json({ items: await ownInvitations(c.var.ctx, options.sendsMail) }, 200),
  );
  router.openapi(
    route({
      method: "post",
      path: "/invitations/{id}/accept",
      tags,
      summary: "Join the team that you are invited to",
      request: { params: idParam, ...jsonBody(answerInvitationSchema) },
      responses: { 200: json(z.object({ team: slugSchema })) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const input = { ...c.req.valid("param"), ...c.req.valid("json") };
      return c.json(await inTransaction(ctx, (tx) => acceptInvitation(ctx, tx, input, options)), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/invitations/{id}/decline",
      tags,
      summary: "Say no to an invitation",
      request: { params: idParam },
      responses: { 204: { description: "Declined" } },
    }),
    async (c) => {
      const { ctx } = c.var;
      await inTransaction(ctx, async (tx) => {
        await declineInvitation(ctx, tx, c.req.valid("param"));
        return {};
      });
      return c.body(null, 204);
    },
  );
  return router;
}
