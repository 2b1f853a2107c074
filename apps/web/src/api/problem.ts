import type { Problem } from "./types.ts";

/** What went wrong, in words for the reader: a problem document of the hub, or a hub that can't be reached. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

const UNREACHABLE: Problem = {
  type: "/problems/unavailable",
  title: "hub not reachable",
  status: 0,
  code: "unavailable",
  detail:
    "The hub can't be reached. Check your connection; if it holds, ask the operator whether the hub is up.",
};

/** The problem behind anything that was thrown. */
export function problemBehind(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  if (error instanceof TypeError) return UNREACHABLE;
  return {
    type: "/problems/internal",
    title: "this page failed",
    status: 0,
    code: "internal",
    detail: `The page met something it does not understand (${error instanceof Error ? error.message : String(error)}). Reload it; if it stays, report it.`,
  };
}

/** The problem document in an answer's body, or one made from the status when the body is something else. */
export function problemOfBody(body: unknown, status: number): Problem {
  if (isProblem(body)) return body;
  return {
    type: "/problems/internal",
    title: `status ${status}`,
    status,
    code: "internal",
    detail: `The hub answered with status ${status} and no explanation. Try again in a moment; if it stays, ask the operator.`,
  };
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== "object" || body === null) return false;
  const { code, detail, status } = body as Partial<Problem>;
  return typeof code === "string" && typeof detail === "string" && typeof status === "number";
}
