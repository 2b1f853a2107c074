import { z } from "@hono/zod-openapi";
import {
  createWebhookSchema,
  type Id,
  idSchema,
  mailPreferencesSchema,
  newWebhookSchema,
  notificationKindSchema,
  notificationSchema,
  setMailPreferenceSchema,
  slugSchema,
  webhookSchema,
  webhookTestSchema,
} from "@podium/shared";
import { createPost, type Post } from "@podium/webhooks";
import { isAdmin, requireUser } from "../platform/context.ts";
import {
  createRouter,
  cutPage,
  json,
  jsonBody,
  page,
  pageQuery,
  type Router,
  route,
} from "../platform/http.ts";
import { readPreferences, setPreference } from "./mail/preferences.ts";
import { listNotifications } from "./store.ts";
import { addWebhook, removeWebhook, teamsWebhooks, turnOnWebhook } from "./webhooks/manage.ts";
import { tryWebhook } from "./webhooks/try.ts";

export interface NotificationOptions {
  sendsMail: boolean;
  post: Post;
  /** whether webhooks may reach addresses inside */
  allowPrivate: boolean;
}
const DEFAULTS: NotificationOptions = {
  sendsMail: false,
  post: createPost({ allowPrivate: false }),
  allowPrivate: false,
};

const tags = ["notifications"];

export function notificationRoutes(options: NotificationOptions = DEFAULTS) {
  const router = createRouter();
  router.openapi(
    route({
      method: "get",
      path: "/notifications",
      tags,
      summary: "What happened to your teams' work, newest first",
      request: { query: pageQuery },
      responses: { 200: json(page(notificationSchema)) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const teams = requireUser(ctx).teams.map((team) => team.id);
      const { limit, after } = c.req.valid("query");
      const { items, next } = cutPage(
        await listNotifications(ctx.db, teams, isAdmin(ctx), limit + 1, after),
        limit,
        (row) => row.id,
      );
      const shown = items.map((row) => ({
        id: row.id as Id<"notification">,
        kind: row.kind,
        subject: row.subject,
        text: row.text,
        created_at: row.createdAt.toISOString(),
      }));
      return c.json({ items: shown, next }, 200);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/notifications/mail",
      tags,
      summary: "What you get by mail",
      responses: { 200: json(mailPreferencesSchema) },
    }),
    async (c) => {
      const kinds = await readPreferences(c.var.ctx);
      return c.json({ available: options.sendsMail, kinds }, 200);
    },
  );
  router.openapi(
    route({
      method: "put",
      path: "/notifications/mail/{kind}",
      tags,
      summary: "Turn mail of one kind on or off",
      request: { params: z.object({ kind: notificationKindSchema }), ...jsonBody(setMailPreferenceSchema) },
      responses: { 204: { description: "So it is" } },
    }),
    async (c) => {
      await setPreference(c.var.ctx, { ...c.req.valid("param"), ...c.req.valid("json") });
      return c.body(null, 204);
    },
  );
  addWebhookRoutes(router, options);
  return router;
}

const teamParam = z.object({ slug: slugSchema });
const webhookParam = teamParam.extend({ id: idSchema("webhook") });

function addWebhookRoutes(router: Router, { post, allowPrivate }: NotificationOptions): void {
  router.openapi(
    route({
      method: "get",
      path: "/teams/{slug}/webhooks",
      tags,
      summary: "Where the team's notifications are posted",
      request: { params: teamParam },
      responses: { 200: json(z.object({ items: z.array(webhookSchema) })) },
    }),
    async (c) => c.json({ items: await teamsWebhooks(c.var.ctx, c.req.valid("param").slug) }, 200),
  );
  router.openapi(
    route({
      method: "post",
      path: "/teams/{slug}/webhooks",
      tags,
      summary: "Have the team's notifications posted to an address",
      request: { params: teamParam, ...jsonBody(createWebhookSchema) },
      responses: { 201: json(newWebhookSchema) },
    }),
    async (c) => {
      const { slug } = c.req.valid("param");
      return c.json(await addWebhook(c.var.ctx, slug, c.req.valid("json"), allowPrivate), 201);
    },
  );
  router.openapi(
    route({
      method: "delete",
      path: "/teams/{slug}/webhooks/{id}",
      tags,
      summary: "Remove a webhook",
      request: { params: webhookParam },
      responses: { 204: { description: "Removed" } },
    }),
    async (c) => {
      const { slug, id } = c.req.valid("param");
      await removeWebhook(c.var.ctx, slug, id);
      return c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/teams/{slug}/webhooks/{id}/enable",
      tags,
      summary: "Turn a webhook on again that was turned off because nothing got through",
      request: { params: webhookParam },
      responses: { 200: json(webhookSchema) },
    }),
    async (c) => {
      const { slug, id } = c.req.valid("param");
      return c.json(await turnOnWebhook(c.var.ctx, slug, id), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/teams/{slug}/webhooks/{id}/test",
      tags,
      summary: "Post a test message to a webhook, now",
      request: { params: webhookParam },
      responses: { 200: json(webhookTestSchema) },
    }),
    async (c) => {
      const { slug, id } = c.req.valid("param");
      return c.json(await tryWebhook(c.var.ctx, post, slug, id), 200);
    },
  );
}
