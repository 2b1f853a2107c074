import {
  type GatewayLoad,
  type HeldProgress,
  heldProgressSchema,
  type RouteTable,
  routeTableSchema,
} from "@podium/shared";
import type { paths } from "@podium/shared/generated/api";
import createClient from "openapi-fetch";
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

/** The hub as the gateway knows it. Every method throws when the hub is away or refuses; the message says which. */
export class HubClient {
  readonly #api;

  constructor(hubUrl: string, token: string) {
    this.#api = createClient<paths>({ baseUrl: hubUrl, headers: { Authorization: `Bearer ${token}` } });
  }

  /** The table if it is newer than `after`; otherwise waits for one up to 25 s, then null. −1 answers at once. */
  async routes(after: number, signal?: AbortSignal): Promise<RouteTable | null> {
    const query = { after };
    const { data, response } = await this.#api.GET("/api/v1/gateway/routes", {
      params: { query },
      signal: either(signal, POLL_MS),
    });
    if (response.status === 204) return null;
    if (response.status !== 200) throw refusal(response);
    return routeTableSchema.parse(data);
  }

  async heartbeat(body: Heartbeat, signal?: AbortSignal) {
    const limit = { signal: either(signal, ANSWER_MS) };
    const { response } = await this.#api.POST("/api/v1/gateway/heartbeat", { body, ...limit });
    if (!response.ok) throw refusal(response);
  }

  /** Says what waits and runs here. @returns what held calls wait for */
  async reportLoad(body: GatewayLoad, signal?: AbortSignal): Promise<HeldProgress> {
    const limit = { signal: either(signal, ANSWER_MS) };
    const { data, response } = await this.#api.POST("/api/v1/gateway/load", { body, ...limit });
    if (!response.ok || !data) throw refusal(response);
    return heldProgressSchema.parse(data);
  }

  async reportUsage(body: UsageReport, signal?: AbortSignal) {
    const limit = { signal: either(signal, ANSWER_MS) };
    const { response } = await this.#api.POST("/api/v1/gateway/usage", { body, ...limit });
    if (!response.ok) throw refusal(response);
  }
}

function refusal({ status, url }: Response): Error {
  const hint = status === 401 || status === 403 ? " Check that PODIUM_GATEWAY_TOKEN is the hub's." : "";
  return new Error(`The hub answered ${status} to ${new URL(url).pathname}.${hint}`);
}

function either(signal: AbortSignal | undefined, ms: number): AbortSignal {
  const timeout = AbortSignal.timeout(ms);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}
