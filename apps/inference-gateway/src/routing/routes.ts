import type { RouteTable } from "@podium/shared";
import { Binding, noReplica } from "../batching/binding.ts";
import type { Call } from "../batching/call.ts";
import { Hold } from "../batching/hold.ts";
import type { Clock } from "../clock.ts";
import type { KeyBook } from "../limits/key-book.ts";
import { KeyLimits } from "../limits/key-limits.ts";
import type { UsageCounter } from "../usage/usage-counter.ts";
import { chooseBinding, type Random } from "./choose-binding.ts";
import { type Counters, Endpoint, type EndpointRow } from "./endpoint.ts";

type BindingRow = EndpointRow["bindings"][number];

/** The route table in memory: every lookup of the hot path is one map access. */
export class Routes {
  /** null until a first table is known, from the disk or from the hub */
  version: number | null = null;
  #byName = new Map<string, Endpoint>();
  #byId = new Map<string, Endpoint>();
  #bindings = new Map<string, Binding>();
  #replicaTokens = new Map<string, Binding>();
  /** told when a call is held because its binding has no replica */
  onHeld: () => void = () => {};
  #limitsOf: Counters["limits"] = () => new KeyLimits(this.keys.fleet);
  readonly #counters: Counters;

  constructor(
    private readonly clock: Clock,
    usage: Pick<UsageCounter, "of">,
    private readonly keys: KeyBook,
    private readonly random: Random,
  ) {
    this.#counters = {
      fleet: keys.fleet,
      usage: (endpointId, keyId) => usage.of(endpointId, keyId),
      limits: (row) => this.#limitsOf(row),
    };
  }

  endpoint(name: string): Endpoint | undefined {
    return this.#byName.get(name);
  }

  endpointOf(id: string): Endpoint | undefined {
    return this.#byId.get(id);
  }

  endpoints(): Iterable<Endpoint> {
    return this.#byId.values();
  }

  bindings(): Iterable<Binding> {
    return this.#bindings.values();
  }

  /** The binding that a replica with this token may serve. */
  bindingOfToken(sha256: string): Binding | undefined {
    return this.#replicaTokens.get(sha256);
  }

  /** @param headers of the call: those with the same `X-Podium-Route-Key` go to the same version */
  choose(endpoint: Endpoint, headers?: Headers): Binding | null {
    const { bindings } = endpoint;
    const key = headers && bindings.length > 1 ? headers.get("x-podium-route-key") : null;
    return chooseBinding(bindings, this.random, key);
  }

  /** False while a version that should answer has replicas, and none of them has dialled yet. */
  get isManned(): boolean {
    for (const binding of this.#bindings.values())
      if (binding.weight > 0 && binding.placed > 0 && !binding.isReady) return false;
    return true;
  }

  /**
   * Replaces the table. Endpoints and bindings that stay keep their queues, replicas and counts.
   * Replicas that are no longer listed drain; calls of a binding that is gone move to another of their endpoint.
   */
  apply(table: RouteTable) {
    const before = { endpoints: this.#byId, bindings: this.#bindings };
    this.#byName = new Map();
    this.#byId = new Map();
    this.#bindings = new Map();
    this.#replicaTokens = new Map();
    const keys = this.keys.begin();
    this.#limitsOf = (row) => keys.of(row.id, row);
    for (const row of table.endpoints) {
      const endpoint = before.endpoints.get(row.id) ?? new Endpoint(row.id, this.#counters);
      endpoint.configure(
        row,
        row.bindings.map((binding) => this.#keepBinding(binding, row.id, before.bindings)),
      );
      this.#byId.set(row.id, endpoint);
      this.#byName.set(row.name, endpoint);
    }
    keys.finish();
    this.version = table.version;
    for (const binding of before.bindings.values()) {
      for (const replica of binding.replicas) {
        if (this.#replicaTokens.get(replica.tokenSha256) !== binding) replica.drain();
      }
      if (this.#bindings.get(binding.id) !== binding) binding.retire((call) => this.#relocate(call, binding));
    }
  }

  #keepBinding(row: BindingRow, endpointId: string, before: Map<string, Binding>): Binding {
    const binding = before.get(row.id) ?? new Binding(row.id, endpointId, this.clock);
    binding.weight = row.weight;
    binding.model = row.model;
    binding.version = row.version;
    binding.shadow = row.shadow ?? null;
    binding.placed = row.replica_sha256.length;
    binding.signature = row.signature ?? binding.signature;
    binding.hold ??= new Hold(() => this.onHeld());
    binding.hold.sleeps = row.holds ?? false;
    this.#bindings.set(row.id, binding);
    for (const sha256 of row.replica_sha256) this.#replicaTokens.set(sha256, binding);
    return binding;
  }

  /** A call that asked for one version is not answered by another. */
  #relocate(call: Call, from: Binding) {
    const endpoint = this.#byId.get(from.endpointId);
    const target = endpoint && !call.work.pinned ? this.choose(endpoint) : null;
    if (target) target.adopt(call);
    else call.fail(noReplica());
  }
}
