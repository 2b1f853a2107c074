import { createRoute, OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import { DomainError, problemOf, problemSchema } from "@podium/shared";
import type { Context as HonoContext } from "hono";
import type { Context } from "./context.ts";

export interface HttpVariables {
  ctx: Context;
  requestId: string;
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

export function invalidRequest(issues: readonly { path: PropertyKey[]; message: string }[]): DomainError {
  const errors = issues.map((issue) => ({ path: issue.path.map(String).join("."), message: issue.message }));
  const first = errors[0];
  const detail = first
    ? `${first.path || "The request"}: ${first.message}`
    : "The request does not fit the schema.";
  return new DomainError("invalid_request", detail, { errors });
}

/** Domain errors as they are; malformed JSON as 400; everything else is a bug: logged with its cause, answered opaquely. */
export function answerError(error: unknown, c: HonoContext<HttpEnv>): Response {
  const requestId = c.get("requestId");
  const known = asDomainError(error);
  if (!known)
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

function asDomainError(error: unknown): DomainError | null {
  if (error instanceof DomainError) return error;
  if (!(error instanceof Error)) return null;
  const status = (error as { status?: number }).status;
  if (status === 400 || error instanceof SyntaxError)
    return new DomainError("invalid_request", `The body can't be read: ${error.message}`);
  const code = (error as { code?: string }).code ?? (error.cause as { code?: string } | undefined)?.code;
  // Postgres 22021 and 22P05: text that it can't hold, such as a NUL character
  if (code === "22021" || code === "22P05")
    return new DomainError("invalid_request", "The text has a character that can't be stored (NUL).");
  return null;
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
