import { createRoute, OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import { DomainError, problemOf, problemSchema } from "@podium/shared";
import type { Context as HonoContext } from "hono";
import { HTTPException } from "hono/http-exception";
import { release } from "./buffers.ts";
import type { Context } from "./context.ts";

export interface HttpVariables {
  ctx: Context;
  requestId: string;
  /** where the request comes from, for limits */
  address: string;
}
export type HttpEnv = { Variables: HttpVariables };
export type Router = OpenAPIHono<HttpEnv>;

/** A router whose validation failures are problem documents that name each field. */
export function createRouter(): Router {
  return new OpenAPIHono<HttpEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      throw invalidRequest(result.error.issues);
    },
  });
}

function invalidRequest(issues: readonly { path: PropertyKey[]; message: string }[]): DomainError {
  const errors = issues.map((issue) => ({ path: issue.path.map(String).join("."), message: issue.message }));
  const first = errors[0];
  const detail = first
    ? `${first.path || "The request"}: ${first.message}`
    : "The request does not fit the schema.";
  return new DomainError("invalid_request", detail, { errors });
}

/** Domain errors as they are, a bad request as such; everything else is a bug: logged with its cause, answered opaquely. */
export function answerError(error: unknown, c: HonoContext<HttpEnv>): Response {
  const requestId = c.get("requestId");
  const known = error instanceof DomainError ? error : (refusedRequest(error) ?? troubleOfDatabase(error));
  if (!(error instanceof DomainError) && known?.status !== 400)
    c.get("ctx").log.error(
      { err: error, requestId, method: c.req.method, path: c.req.path },
      "unexpected error",
    );
  const shown =
    known ??
    new DomainError(
      "internal",
      `Something went wrong here, not with your request. Quote ${requestId} when you report it.`,
    );
  const problem = problemOf(shown, requestId);
  const retryAfter = shown.details["retry_after_seconds"];
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      "content-type": "application/problem+json",
      ...(typeof retryAfter === "number" ? { "retry-after": String(retryAfter) } : {}),
    },
  });
}

/** What hono refuses by itself: malformed JSON, a body of another type. */
function refusedRequest(error: unknown): DomainError | null {
  if (!(error instanceof HTTPException) || error.status >= 500) return null;
  return new DomainError("invalid_request", `The request can't be read: ${error.message || error.status}`);
}

/** Postgres' codes of values that it can't hold: NUL characters, half a character, numbers out of range. */
const UNSTORABLE: Record<string, string> = {
  "22021": "The text has a character that can't be stored (NUL).",
  "22P05": "The text has a character that can't be stored (NUL).",
  "22P02": "The text has half a character (a lone surrogate), which can't be stored.",
  "22003": "A number is too large to be stored.",
};
/** Deadlock, connection refused or cut, too many connections, shutting down: the same request may succeed later. */
const PASSING = /^(40P01|40001|53300|57P0[1-3]|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE)$/;
/** The driver has no codes for these. */
const LOST_CONNECTION =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when)/;

function troubleOfDatabase(error: unknown): DomainError | null {
  // drizzle wraps what the driver says.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code = "", message = "" } = (cause ?? {}) as { code?: string; message?: string };
  const unstorable = UNSTORABLE[code];
  if (unstorable) return new DomainError("invalid_request", unstorable);
  if (!PASSING.test(code) && !LOST_CONNECTION.test(message)) return null;
  const hint = { retry_after_seconds: 1 };
  return new DomainError("unavailable", "The hub's database is busy or restarting. Try again.", hint);
}

/** The bearer token of a request, or null when it has none. */
export function bearerOf(headers: Headers): string | null {
  return /^Bearer\s+(\S+)\s*$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}

/** True for addresses to which bytes are sent that name themselves: they are streamed, under limits of their own. */
export function isFileAddress(path: string): boolean {
  return /\/blobs\/([0-9a-f]{64}|pack)$/.test(path);
}

/** The body of a request to such an address. A part is good until the next one is asked for, then its memory is used again. */
export async function* bodyOf(c: HonoContext): AsyncGenerator<Uint8Array> {
  const body = c.req.raw.body as unknown as AsyncIterable<Uint8Array> | null;
  if (!body) return;
  for await (const part of body) {
    yield part;
    release(part);
  }
}

/**
 * Where a request comes from, for limits. Behind a proxy that is the proxy, unless the hub is told to trust the last
 * address that the proxy added to `X-Forwarded-For`.
 */
export function addressOf(c: HonoContext, trustProxy: boolean): string {
  const forwarded = trustProxy ? c.req.header("x-forwarded-for")?.split(",").at(-1)?.trim() : undefined;
  if (forwarded) return forwarded;
  const server = c.env as { requestIP?: (request: Request) => { address: string } | null } | undefined;
  return server?.requestIP?.(c.req.raw)?.address ?? "unknown";
}

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: problemSchema } },
});

/** A route with the error answers that every route has, and bearer security unless it is public. */
export function route<R extends RouteConfig>(config: R & { public?: boolean }) {
  const { public: isPublic, ...rest } = config;
  return createRoute({
    ...rest,
    security: isPublic ? [] : [{ bearer: [] }],
    responses: {
      ...rest.responses,
      400: problem("The request is not valid; `errors` names each field"),
      401: problem("Not logged in"),
      403: problem("Not allowed"),
      404: problem("There is no such thing, or not for you"),
      409: problem("Conflicts with the present state"),
      413: problem("The body is too large"),
      429: problem("A limit is reached; `Retry-After` says when to try again"),
    },
  } as unknown as R);
}

/** JSON body or answer of a route. */
export const json = <S extends z.ZodType>(schema: S, description = "OK") => ({
  description,
  content: { "application/json": { schema } },
});
export const jsonBody = <S extends z.ZodType>(schema: S) => ({
  body: { required: true as const, content: { "application/json": { schema } } },
});

/** Bytes as they are, as body or answer of a route. */
export const octets = { "application/octet-stream": { schema: z.string().meta({ format: "binary" }) } };

/** A file's bytes, whole or from where the caller's copy ends. */
export const fileAnswers = {
  200: { description: "The bytes", content: octets },
  206: { description: "The bytes that `Range` asks for", content: octets },
  416: problem("The file ends before what `Range` asks for"),
};
export const rangeHeader = z.object({
  range: z.string().max(200).optional().describe("`bytes=N-`: the bytes from N on"),
});

/** Query of a keyset-paged list: `after` is the `next` of the page before. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.string().max(200).optional(),
});
export const page = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

/** Cuts `limit + 1` rows into a page and its continuation. */
export function cutPage<T>(rows: readonly T[], limit: number, keyOf: (row: T) => string) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? keyOf(last) : null };
}
