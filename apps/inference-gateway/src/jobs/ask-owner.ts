import { DomainError } from "@podium/shared";
import type { Fleet } from "../limits/fleet.ts";

const FORWARDED = "podium-forwarded";
const PASSED_ON = ["authorization", "x-api-key", "accept-encoding"];
const NOT_PASSED_BACK = ["connection", "keep-alive", "transfer-encoding", "date"];
/** A little longer than a question may wait for a job's end. */
const ANSWER_MS = 40_000;

/**
 * Asks the gateway that keeps a job, and answers as it does. It checks the key itself.
 * Throws `unavailable` when it is not up, or can't be reached.
 */
export async function askOwner(fleet: Fleet, gatewayId: string, request: Request): Promise<Response> {
  const address = request.headers.has(FORWARDED) ? undefined : fleet.addressOf(gatewayId);
  if (address === undefined) throw away();
  const { pathname, search } = new URL(request.url);
  const headers = new Headers({ [FORWARDED]: "1" });
  for (const name of PASSED_ON) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  let answer: Response;
  try {
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(ANSWER_MS)]);
    const how = { method: request.method, headers, signal, redirect: "manual", decompress: false } as const;
    answer = await fetch(address.replace(/\/+$/, "") + pathname + search, how);
  } catch {
    throw away();
  }
  const back = new Headers(answer.headers);
  for (const name of NOT_PASSED_BACK) back.delete(name);
  return new Response(answer.body, { status: answer.status, headers: back });
}

const away = () =>
  new DomainError(
    "unavailable",
    "The gateway that keeps this job is not up now, or there is no such job. Ask again shortly.",
    { retry_after_seconds: 5 },
  );
