import type { RouteTable } from "@podium/shared";
import { Pass } from "../admission/pass.ts";
import type { Binding } from "../batching/binding.ts";
import { Histogram } from "../histogram.ts";
import { AddressBuckets } from "../limits/address-buckets.ts";
import type { CallLimits } from "../limits/call-limits.ts";
import type { Fleet } from "../limits/fleet.ts";
import type { KeyLimits } from "../limits/key-limits.ts";
import { TokenBucket } from "../limits/token-bucket.ts";
import { Tally } from "../observing/tally.ts";
import type { Usage } from "../usage/usage-counter.ts";

export type EndpointRow = RouteTable["endpoints"][number];

const LATENCY_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

type KeyRow = EndpointRow["keys"][number];

export interface Credential {
  pass: Pass;
  /** milliseconds since the epoch; Infinity when it never expires */
  expiresAtMs: number;
}

/** What an endpoint's passes are made of. */
export interface Counters {
  fleet: Fleet;
  /** where calls with this key are counted; null: without any */
  usage(endpointId: string, keyId: string | null): Usage;
  /** what the key may use */
  limits(row: KeyRow): KeyLimits;
}

/** One named endpoint as the route table has it. Lives as long as its id, so that counts outlast a new table. */
export class Endpoint {
  name = "";
  isPublic = false;
  timeoutMs = 1;
  maxQueue = 1;
  maxBodyBytes = 1;
  bindings: Binding[] = [];
  /** those of the bindings that get copies of calls */
  shadows: Binding[] = [];
  /** origins whose pages may call it, beside the hub's own; null: none, "*": all */
  origins: ReadonlySet<string> | null = null;
  isOutOfCredit = false;
  /** by hexadecimal SHA-256 of the key */
  keys = new Map<string, Credential>();
  /** credentials that were found valid under the present table, as the header had them */
  readonly seenCredentials = new Map<string, Credential>();
  /** the pass of callers without a key, where they are let in */
  everybody: Pass;
  #bucket: TokenBucket | null = null;
  #addresses: AddressBuckets | null = null;

  readonly latency = new Histogram(LATENCY_BUCKETS);
  readonly answers = new Map<number, number>();
  /** what never came to a model version */
  readonly tally = new Tally();

  constructor(
    readonly id: string,
    private readonly counters: Counters,
  ) {
    this.everybody = this.#makePass(null);
  }

  configure(row: EndpointRow, bindings: Binding[]) {
    this.name = row.name;
    this.isPublic = row.public;
    this.timeoutMs = row.timeout_ms;
    this.maxQueue = row.max_queue;
    this.maxBodyBytes = row.max_body_bytes;
    this.bindings = bindings;
    this.shadows = bindings.filter(({ shadow }) => shadow !== null);
    this.origins = row.cors_origins?.length ? new Set(row.cors_origins) : null;
    this.isOutOfCredit = row.out_of_credit ?? false;
    this.#limit(row);
    const credentials = row.keys.map((key): [string, Credential] => [
      key.sha256,
      { pass: this.#makePass(key), expiresAtMs: key.expires_at ? Date.parse(key.expires_at) : Infinity },
    ]);
    this.keys = new Map(credentials);
    this.everybody = this.#makePass(null);
    this.seenCredentials.clear();
  }

  /** Whether pages of this origin may call it: those that its team has named, and the hub's own, where it can be tried. */
  isOpenTo(origin: string): boolean {
    return this.origins?.has(origin) || this.counters.fleet.pages.has(origin);
  }

  /** The pass of a key that is still valid; of null, of everybody where nobody needs one. @param now of the epoch, ms */
  passOf(keyId: string | null, now: number): Pass | null {
    if (keyId === null) return this.isPublic ? this.everybody : null;
    for (const { pass, expiresAtMs } of this.keys.values())
      if (pass.keyId === keyId && expiresAtMs > now) return pass;
    return null;
  }

  /** Limits that stay keep what was taken from them. */
  #limit({ rate, address_rate }: EndpointRow) {
    const { fleet } = this.counters;
    if (rate && this.#bucket) this.#bucket.configure(rate);
    else this.#bucket = rate ? new TokenBucket(rate, fleet) : null;
    if (address_rate && this.#addresses) this.#addresses.configure(address_rate);
    else this.#addresses = address_rate ? new AddressBuckets(address_rate, fleet) : null;
  }

  #makePass(row: KeyRow | null): Pass {
    const usage = this.counters.usage(this.id, row?.id ?? null);
    const key = row ? this.counters.limits(row) : null;
    const limits: CallLimits = {
      key: key?.bucket || key?.hasQuota ? key : null,
      endpoint: this.#bucket,
      addresses: row ? null : this.#addresses,
    };
    const hasLimits = Object.values(limits).some((limit) => limit !== null);
    return new Pass(
      this,
      row?.id ?? null,
      usage,
      hasLimits ? limits : null,
      row?.scopes ?? null,
      row?.versions ?? null,
    );
  }

  /** Counts an answer of any kind, for the metrics. */
  observe(status: number, seconds: number) {
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    this.latency.observe(seconds);
  }
}
