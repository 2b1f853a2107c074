import type { RouteTable } from "@podium/shared";
import type { Binding } from "../batching/binding.ts";
import { Histogram } from "../histogram.ts";
import { Tally } from "../observing/tally.ts";
import type { Usage } from "../usage/usage-counter.ts";

export type EndpointRow = RouteTable["endpoints"][number];

const LATENCY_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

export interface KnownKey {
  id: string;
  /** milliseconds since the epoch; Infinity when it never expires */
  expiresAtMs: number;
}

/** One named endpoint as the route table has it. Lives as long as its id, so that counts outlast a new table. */
export class Endpoint {
  name = "";
  isPublic = false;
  timeoutMs = 1;
  maxQueue = 1;
  maxBodyBytes = 1;
  bindings: Binding[] = [];
  /** by hexadecimal SHA-256 of the key */
  keys = new Map<string, KnownKey>();
  /** credentials that were found valid under the present table, as the header had them */
  readonly seenCredentials = new Map<string, KnownKey>();

  readonly latency = new Histogram(LATENCY_BUCKETS);
  readonly answers = new Map<number, number>();
  /** what never came to a model version */
  readonly tally = new Tally();

  constructor(
    readonly id: string,
    readonly usage: Usage,
  ) {}

  configure(row: EndpointRow, bindings: Binding[]) {
    this.name = row.name;
    this.isPublic = row.public;
    this.timeoutMs = row.timeout_ms;
    this.maxQueue = row.max_queue;
    this.maxBodyBytes = row.max_body_bytes;
    this.bindings = bindings;
    this.keys = new Map(
      row.keys.map((key) => [
        key.sha256,
        { id: key.id, expiresAtMs: key.expires_at ? Date.parse(key.expires_at) : Infinity },
      ]),
    );
    this.seenCredentials.clear();
  }

  /** Counts an admitted call that has ended, for the bill. */
  bill(answered: boolean) {
    this.usage.calls += 1;
    if (!answered) this.usage.failed += 1;
  }

  /** Counts an answer of any kind, for the metrics. */
  observe(status: number, seconds: number) {
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    this.latency.observe(seconds);
  }
}
