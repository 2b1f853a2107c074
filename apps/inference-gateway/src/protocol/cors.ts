import type { Endpoint } from "../routing/endpoint.ts";
import type { Routes } from "../routing/routes.ts";

const DAY_SECONDS = 86_400;
/** What a page may send. Credentials of a browser (cookies) are never asked for: a key goes in a header. */
const ALLOWED_HEADERS =
  "authorization, x-api-key, content-type, content-encoding, inference-header-content-length, prefer, podium-webhook, x-request-timeout-ms, x-podium-route-key, x-request-id, traceparent";
/** What a page may read of an answer, beside its body. */
const SHOWN_HEADERS =
  "inference-header-content-length, server-timing, x-request-id, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset, location, preference-applied";

/** The endpoint that a path is about, whatever it asks; undefined when there is none. */
export function endpointOfPath(routes: Routes, path: string): Endpoint | undefined {
  const [, first = "", second, third = ""] = path.split("/");
  const name = (first === "v1" || first === "v2") && second === "models" ? third : first;
  const colon = name.indexOf(":");
  return routes.endpoint(colon < 0 ? name : name.slice(0, colon));
}

/** What a browser asks before a page of another origin may call: answered without a key. Null: it is no such question. */
export function answerPreflight(routes: Routes, request: Request): Response | null {
  if (request.method !== "OPTIONS" || !request.headers.has("access-control-request-method")) return null;
  const headers = new Headers({ vary: "origin" });
  const endpoint = endpointOfPath(routes, new URL(request.url).pathname);
  if (shareWithOrigin(endpoint, request, headers)) {
    headers.set("access-control-allow-methods", "GET, POST, DELETE");
    headers.set("access-control-allow-headers", ALLOWED_HEADERS);
    headers.set("access-control-max-age", String(DAY_SECONDS));
    headers.delete("access-control-expose-headers");
  }
  return new Response(null, { status: 204, headers });
}

/** Lets a page of an allowed origin read this answer. @returns false when the endpoint allows its origin nothing */
export function shareWithOrigin(endpoint: Endpoint | undefined, request: Request, headers: Headers): boolean {
  if (!endpoint) return false;
  headers.append("vary", "origin");
  const origin = request.headers.get("origin");
  if (origin === null) return false;
  const isOpen = endpoint.origins?.has("*") ?? false;
  if (!isOpen && !endpoint.isOpenTo(origin)) return false;
  headers.set("access-control-allow-origin", isOpen ? "*" : origin);
  headers.set("access-control-expose-headers", SHOWN_HEADERS);
  return true;
}
