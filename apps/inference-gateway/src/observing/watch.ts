import type { Clock } from "../clock.ts";
import type { Endpoint } from "../routing/endpoint.ts";
import type { AccessLog } from "./access-log.ts";
import type { RequestIds } from "./request-ids.ts";
import type { Tally } from "./tally.ts";
import type { Tracing } from "./tracing.ts";
import { Visit } from "./visit.ts";

const ACCEPTED = 202;

/** Who looks on while requests are answered: counts always, the access log and traces where they are wanted. */
export class Watch {
  constructor(
    private readonly clock: Clock,
    private readonly ids: RequestIds,
    private readonly accessLog: AccessLog | null,
    private readonly tracing: Tracing | null,
  ) {}

  begin(request: Request, endpoint: Endpoint): Visit {
    const id = this.ids.of(request.headers);
    const now = this.clock.elapsedMs();
    const trace = this.tracing === null ? null : this.tracing.begin(request, endpoint.name, id, now);
    return new Visit(id, request, endpoint, now, trace);
  }

  /** @param status as it was sent, or 499 when nobody received it */
  end(visit: Visit, status: number) {
    const ms = this.clock.elapsedMs() - visit.startedAt;
    const { call, endpoint } = visit;
    endpoint.observe(status, ms / 1000);
    const tally = tallyOf(visit);
    if (status === 200 && call !== null) tally.succeeded(ms, call);
    // What is a job now is counted when that is answered.
    else if (status !== ACCEPTED) tally.failed(status);
    visit.trace?.end(visit, status, visit.startedAt + ms);
    this.accessLog?.visited(visit, status, ms);
  }

  /** An answer that no model gave, such as a description or "not found". @returns it with the request's id */
  answered(request: Request, response: Response, startedAt: number): Response {
    const id = this.ids.of(request.headers);
    response.headers.set("x-request-id", id);
    this.accessLog?.answered(request, id, response.status, this.clock.elapsedMs() - startedAt);
    return response;
  }
}

/** Of the version that it was given to last: a call may move to another than the one that it was let in for. */
function tallyOf({ binding, call, endpoint }: Visit): Tally {
  if (binding === null) return endpoint.tally;
  if (call === null || call.version === 0 || call.version === binding.version) return binding.tally;
  return endpoint.bindings.find(({ version }) => version === call.version)?.tally ?? binding.tally;
}
