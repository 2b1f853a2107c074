import { mountRoutes } from "../app.ts";
import type { NotificationOptions } from "../notifications/index.ts";
import { answerError, createRouter } from "../platform/http.ts";
import { createExchange, createNodeLinks } from "../sessions/index.ts";
import type { TestContext } from "./context.ts";

/** The API's routes as this context's actor sees them; who asks is given, not found out. */
export function apiOf(ctx: TestContext, notifications?: NotificationOptions) {
  const router = createRouter();
  router.onError(answerError);
  router.use("*", async (c, next) => {
    c.set("requestId", "test");
    c.set("address", "127.0.0.1");
    c.set("ctx", ctx);
    await next();
  });
  mountRoutes(router, {
    // Log-in and event streams are no part of what is asked here.
    auth: undefined as never,
    identifier: undefined as never,
    attempts: undefined as never,
    live: { subscribe: () => () => undefined, close: async () => undefined },
    links: createNodeLinks(ctx, async () => new Map(), { replica: async () => undefined }),
    exchange: createExchange({ waitMs: 1_000, idleMs: 1_000 }),
    joinToken: undefined,
    ...(notifications ? { notifications } : {}),
  });
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await router.request(`/api/v1${path}`, {
      method,
      headers: { "content-type": "application/json", "x-podium-epoch": "1" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, json: () => JSON.parse(text) };
  };
  /** Addresses of all GET routes, such as `/sessions/{id}`. */
  const addresses = () =>
    router.openAPIRegistry.definitions.flatMap((definition) =>
      definition.type === "route" && definition.route.method === "get" ? [definition.route.path] : [],
    );
  return { ask, addresses };
}
