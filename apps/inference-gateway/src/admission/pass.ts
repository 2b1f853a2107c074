import { DomainError, type KeyScope } from "@podium/shared";
import type { Clock } from "../clock.ts";
import type { CallLimits } from "../limits/call-limits.ts";
import type { Usage } from "../usage/usage-counter.ts";

/** The endpoint of a pass, as far as its calls need it. */
interface Place {
  readonly id: string;
  readonly name: string;
  readonly timeoutMs: number;
  readonly maxQueue: number;
  readonly maxBodyBytes: number;
}

/** What a key, or everybody at a public endpoint, may do there, and what their calls are counted on. Made once a table. */
export class Pass {
  /**
   * @param keyId null: everybody
   * @param scopes null: all; `versions` likewise
   * @param limits null: none
   */
  constructor(
    readonly endpoint: Place,
    readonly keyId: string | null,
    readonly usage: Usage,
    readonly limits: CallLimits | null,
    private readonly scopes: readonly KeyScope[] | null,
    private readonly versions: readonly number[] | null,
  ) {}

  /** How long a call may take from its arrival, in ms. */
  get timeoutMs(): number {
    return this.endpoint.timeoutMs;
  }

  opens(scope: KeyScope): boolean {
    return this.scopes === null || this.scopes.includes(scope);
  }

  /** Throws `forbidden` when the key does not open this. */
  require(scope: KeyScope) {
    if (this.scopes === null || this.scopes.includes(scope)) return;
    throw new DomainError(
      "forbidden",
      `This key is for ${this.scopes.join(" and ")} only, not for ${scope}. Ask the endpoint's team for another.`,
    );
  }

  /** Throws `forbidden` when the key is for some versions and this is none of them. @param version as the path names it */
  requireVersion(version: string | undefined) {
    if (this.versions === null || this.versions.some((allowed) => String(allowed) === version)) return;
    const [first] = this.versions;
    throw new DomainError(
      "forbidden",
      `This key is for version ${this.versions.join(", ")} only. Name it: /v2/models/${this.endpoint.name}/versions/${first}/infer`,
    );
  }

  /** A call is put before the model: it counts against the key's quota. */
  begin(clock: Clock) {
    if (this.limits?.key?.hasQuota) this.limits.key.count(clock.now().getTime());
  }

  /** A call that was put before the model has ended: it is on the bill when it was answered. */
  bill(answered: boolean) {
    this.usage.add(answered);
  }
}
