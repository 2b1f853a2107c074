import { z } from "@hono/zod-openapi";
import {
  createTokenSchema,
  newTokenSchema,
  platformRoleSchema,
  signInSchema,
  tokenSchema,
} from "@podium/shared";
import type { AttemptLimiter } from "../platform/attempt-limiter.ts";
import { requireUser } from "../platform/context.ts";
import { createRouter, json, jsonBody, route } from "../platform/http.ts";
import type { Auth } from "./auth.ts";
import { createToken } from "./create-token.ts";
import type { Identifier } from "./identify.ts";
import { revokeToken } from "./revoke-token.ts";
import { setRole } from "./set-role.ts";
import { signIn } from "./sign-in.ts";
import { listTokens } from "./store.ts";

const tags = ["accounts"];
const done = { 204: { description: "Done" } };

export function accountRoutes(auth: Auth, identifier: Identifier, attempts: AttemptLimiter) {
  const router = createRouter();

  router.openapi(
    route({
      method: "post",
      path: "/auth/sign-in",
      tags,
      public: true,
      summary: "Log in by password",
      request: jsonBody(signInSchema),
      responses: { 204: { description: "Logged in; the cookie is set" } },
    }),
    async (c) => {
      const { headers } = await signIn(auth, attempts, { ...c.req.valid("json"), address: c.var.address });
      for (const cookie of headers.getSetCookie()) c.header("set-cookie", cookie, { append: true });
      return c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/auth/sign-out",
      tags,
      public: true,
      summary: "Log out of this browser",
      responses: done,
    }),
    async (c) => {
      const { headers } = await auth.api.signOut({ headers: c.req.raw.headers, returnHeaders: true });
      for (const cookie of headers.getSetCookie()) c.header("set-cookie", cookie, { append: true });
      return c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/tokens",
      tags,
      summary: "Your API tokens",
      responses: { 200: json(z.object({ items: z.array(tokenSchema) })) },
    }),
    async (c) => {
      const rows = await listTokens(c.var.ctx.db, requireUser(c.var.ctx).userId);
      const items = rows.map((row) => ({
        id: row.id,
        name: row.name ?? "",
        start: row.start ?? "",
        created_at: row.createdAt.toISOString(),
        expires_at: row.expiresAt?.toISOString() ?? null,
      }));
      return c.json({ items }, 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/tokens",
      tags,
      summary: "Make an API token",
      request: jsonBody(createTokenSchema),
      responses: { 201: json(newTokenSchema) },
    }),
    async (c) => c.json(await createToken(c.var.ctx, auth, c.req.valid("json")), 201),
  );
  router.openapi(
    route({
      method: "delete",
      path: "/tokens/{id}",
      tags,
      summary: "Revoke an API token",
      request: { params: z.object({ id: z.string().max(100) }) },
      responses: done,
    }),
    async (c) => {
      await revokeToken(c.var.ctx, c.req.valid("param").id);
      identifier.forget();
      return c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "patch",
      path: "/users/{email}/role",
      tags,
      summary: "Give a user a platform role",
      request: {
        params: z.object({ email: z.email() }),
        ...jsonBody(z.strictObject({ role: platformRoleSchema })),
      },
      responses: done,
    }),
    async (c) => {
      await setRole(c.var.ctx, { email: c.req.valid("param").email, role: c.req.valid("json").role });
      identifier.forget();
      return c.body(null, 204);
    },
  );
  return router;
}
