import { DomainError } from "@podium/shared";
import { checkKey } from "../../admission/check-key.ts";
import type { Desk } from "../desk.ts";
import { asProblem, errorResponse } from "../errors.ts";

/** `GET /v1/jobs/{id}`: the answer of a call that went on without its caller, or 202 and what it waits for. */
export function showJob(desk: Desk, id: string, headers: Headers): Response {
  try {
    const job = desk.jobs.find(id);
    const endpoint = job && [...desk.routes.endpoints()].find((each) => each.id === job.endpointId);
    if (!job || !endpoint) throw unknown();
    checkKey(endpoint, headers, desk.clock);
    const { answer } = job;
    if (answer) {
      const { status, headers: kept, body } = answer;
      return new Response(body as Uint8Array<ArrayBuffer>, { status, headers: kept });
    }
    return Response.json({ id, ...job.progress() }, { status: 202, headers: { "retry-after": "1" } });
  } catch (error) {
    return errorResponse(error, asProblem, desk.log);
  }
}

const unknown = () =>
  new DomainError(
    "not_found",
    "This gateway has no such job. Answers are kept for ten minutes, and end with the gateway: send the request again.",
  );
