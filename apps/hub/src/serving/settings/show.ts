import type { EndpointRow } from "../store.ts";

/** How an endpoint may be called, as its team set it. */
export function showSettings(endpoint: EndpointRow) {
  return {
    public: endpoint.public,
    timeout_ms: endpoint.timeoutMs,
    max_queue: endpoint.maxQueue,
    max_body_bytes: endpoint.maxBodyBytes,
    cors_origins: endpoint.corsOrigins,
    rate: endpoint.rate,
    address_rate: endpoint.addressRate,
  };
}
