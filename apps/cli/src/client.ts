import type { paths } from "@podium/shared/generated/api";
import createClient from "openapi-fetch";
import { CliError, refusal } from "./errors.ts";
import { newIdempotencyKey } from "./ids.ts";
import { sendWithRetries } from "./retry.ts";

const WRITES = new Set(["POST", "PUT", "PATCH", "DELETE"]);

export type Api = ReturnType<typeof createApi>;

/**
 * The hub's API, typed by its OpenAPI document, for one address and one token (or a cookie, while logging in).
 * Writes carry an Idempotency-Key, their own or a new one, and are sent again when the network fails.
 */
export function createApi(url: string, auth: { token: string } | { cookie: string } | null) {
  const headers: Record<string, string> = { Origin: new URL(url).origin };
  if (auth && "token" in auth) headers["Authorization"] = `Bearer ${auth.token}`;
  if (auth && "cookie" in auth) headers["Cookie"] = auth.cookie;
  const client = createClient<paths>({
    baseUrl: url,
    headers,
    fetch: (request) => {
      const isOwn = request.headers.has("Idempotency-Key");
      if (WRITES.has(request.method) && !isOwn) request.headers.set("Idempotency-Key", newIdempotencyKey());
      return sendWithRetries(() => request.clone() as Request);
    },
  });
  /** A request that the typed client doesn't cover: raw bytes either way, event streams. */
  const raw = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, {
      ...init,
      headers: { ...headers, ...(init.headers as Record<string, string> | undefined) },
    });
  const request = (path: string, init: RequestInit) =>
    new Request(`${url}${path}`, {
      ...init,
      headers: { ...headers, ...(init.headers as Record<string, string> | undefined) },
    });
  return Object.assign(client, { url, raw, request });
}

/** The answer of a call, or a `CliError` that says in one line why the hub refused. */
export async function ok<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw refusal(error, response);
  return data as T;
}

/** The answer, or null when there is no such thing. */
export async function okOrNull<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T | null> {
  try {
    return await ok(call);
  } catch (error) {
    if (error instanceof CliError && error.code === "not_found") return null;
    throw error;
  }
}

interface Page<T> {
  items: T[];
  next: string | null;
}

/** All items of a paged list, up to `most`; the callback fetches the page after a key. */
export async function allPages<T>(
  fetchPage: (query: { limit: number; after?: string }) => Promise<Page<T>>,
  most = Number.POSITIVE_INFINITY,
): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const limit = Math.min(200, most - items.length);
    const page = await fetchPage(after === undefined ? { limit } : { limit, after });
    items.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined && items.length < most);
  return items;
}
