import { isIPv6 } from "node:net";
import type { RateLimit } from "@podium/shared";
import type { Fleet } from "./fleet.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Addresses remembered for one endpoint; the one that was seen first makes room for a new one. */
const MAX_ADDRESSES = 20_000;

/** A rate limit of each address that calls without a key. Of IPv6, a /64 counts as one: a household has so many. */
export class AddressBuckets {
  readonly #byAddress = new Map<string, TokenBucket>();

  constructor(
    private limit: RateLimit,
    private readonly fleet: Fleet,
  ) {}

  configure(limit: RateLimit) {
    this.limit = limit;
    for (const bucket of this.#byAddress.values()) bucket.configure(limit);
  }

  of(address: string): TokenBucket {
    const key = isIPv6(address) ? networkOf(address) : address;
    let bucket = this.#byAddress.get(key);
    if (bucket) return bucket;
    if (this.#byAddress.size >= MAX_ADDRESSES) this.#forgetOldest();
    bucket = new TokenBucket(this.limit, this.fleet);
    this.#byAddress.set(key, bucket);
    return bucket;
  }

  #forgetOldest() {
    for (const key of this.#byAddress.keys()) {
      this.#byAddress.delete(key);
      return;
    }
  }
}

/** The first four groups of an IPv6 address; an IPv4 address written as one stays whole. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const [head = "", tail] = address.split("::");
  const front = head === "" ? [] : head.split(":");
  const missing = tail === undefined ? 0 : 8 - front.length - (tail === "" ? 0 : tail.split(":").length);
  const groups = [
    ...front,
    ...Array<string>(Math.max(0, missing)).fill("0"),
    ...(tail ? tail.split(":") : []),
  ];
  return groups.slice(0, 4).join(":");
}
