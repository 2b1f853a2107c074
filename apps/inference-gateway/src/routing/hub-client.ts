import {
  type FiguresReport,
  type GatewayLoad,
  type GatewayNews,
  gatewayNewsSchema,
  type HeldProgress,
  heldProgressSchema,
  type RouteTable,
  routeTableSchema,
} from "@podium/shared";
import type { paths } from "@podium/shared/generated/api";
import createClient from "openapi-fetch";
import type { UsageItem } from "../usage/usage-item.ts";

export interface UsageReport {
  gateway_id: string;
  sequence: number;
  counted_at?: string | undefined;
  items: UsageItem[];
}

export interface Heartbeat {
  gateway_id: string;
  replica_url: string;
  public_url: string;
}

/** Totals of versions, as the hub's API takes them. */
export type VersionReport =
  paths["/api/v1/gateway/versions"]["post"]["requestBody"]["content"]["application/json"];

type UsageBody = paths["/api/v1/gateway/usage"]["post"]["requestBody"]["content"]["application/json"];

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

  /** Says that this gateway is up; what it hears of the others. Null from a hub that tells nothing. */
  async heartbeat(body: Heartbeat, signal?: AbortSignal): Promise<GatewayNews | null> {
    const limit = { signal: either(signal, ANSWER_MS) };
    const { data, response } = await this.#api.POST("/api/v1/gateway/heartbeat", { body, ...limit });
    if (!response.ok) throw refusal(response);
    return response.status === 204 ? null : gatewayNewsSchema.parse(data);
  }

  async reportVersions(body: VersionReport, signal?: AbortSignal) {
    const limit = { signal: either(signal, ANSWER_MS) };
    const { response } = await this.#api.POST("/api/v1/gateway/versions", { body, ...limit });
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
    // What is undefined is left out of JSON, which is what the API means by optional.
    const { response } = await this.#api.POST("/api/v1/gateway/usage", { body: body as UsageBody, ...limit });
    if (!response.ok) throw refusal(response);
  }

  async reportFigures(body: FiguresReport, signal?: AbortSignal) {
    const limit = { signal: either(signal, ANSWER_MS) };
    const { response } = await this.#api.POST("/api/v1/gateway/figures", { body, ...limit });
    if (!response.ok) throw refusal(response);
  }
}

/** The hub was reached and said no. */
export class HubRefusal extends Error {
  /** @param isFinal the same request will never be taken */
  constructor(
    message: string,
    readonly isFinal: boolean,
  ) {
    super(message);
  }
}

function refusal({ status, url }: Response): HubRefusal {
  const hint = status === 401 || status === 403 ? " Check that PODIUM_GATEWAY_TOKEN is the hub's." : "";
  const isFinal = status === 400 || status === 413 || status === 422;
  return new HubRefusal(`The hub answered ${status} to ${new URL(url).pathname}.${hint}`, isFinal);
}

function either(signal: AbortSignal | undefined, ms: number): AbortSignal {
  const timeout = AbortSignal.timeout(ms);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}
