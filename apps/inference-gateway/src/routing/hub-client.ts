import { type RouteTable, routeTableSchema } from "@podium/shared";
import type { UsageItem } from "../usage/usage-counter.ts";

export interface UsageReport {
  gateway_id: string;
  sequence: number;
  items: UsageItem[];
}

export interface Heartbeat {
  gateway_id: string;
  replica_url: string;
  public_url: string;
}

/** A little longer than the hub holds a long poll (25 s). */
const POLL_MS = 35_000;
const ANSWER_MS = 10_000;

/** An answer of the hub that is not what was asked for; the message names the request and the status. */
class HubRefusal extends Error {
  override readonly name = "HubRefusal";
  constructor(
    readonly status: number,
    what: string,
  ) {
    super(`The hub answered ${status} to ${what}.`);
  }
}

/** The hub as the gateway knows it. Every method throws when the hub is away or refuses. */
export class HubClient {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** The table if it is newer than `after`; otherwise waits for one up to 25 s, then null. 0 answers at once. */
  async routes(after: number, signal?: AbortSignal): Promise<RouteTable | null> {
    const path = `/api/v1/gateway/routes?after=${after}`;
    const response = await this.#fetch(path, { signal: either(signal, POLL_MS) });
    if (response.status === 204) return null;
    if (response.status !== 200) throw await refusal(response, "GET routes");
    return routeTableSchema.parse(await response.json());
  }

  async heartbeat(body: Heartbeat, signal?: AbortSignal) {
    await this.#post("heartbeat", body, signal);
  }

  async reportUsage(report: UsageReport, signal?: AbortSignal) {
    await this.#post("usage", report, signal);
  }

  async #post(what: string, body: unknown, signal?: AbortSignal) {
    const response = await this.#fetch(`/api/v1/gateway/${what}`, {
      method: "POST",
      body: JSON.stringify(body),
      signal: either(signal, ANSWER_MS),
    });
    if (!response.ok) throw await refusal(response, `POST ${what}`);
    await response.arrayBuffer();
  }

  #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json" };
    return fetch(this.url + path, { ...init, headers });
  }
}

/** Reads the body to its end, so that the connection can be used again. */
async function refusal(response: Response, what: string): Promise<HubRefusal> {
  await response.arrayBuffer();
  return new HubRefusal(response.status, what);
}

function either(signal: AbortSignal | undefined, ms: number): AbortSignal {
  const timeout = AbortSignal.timeout(ms);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}
