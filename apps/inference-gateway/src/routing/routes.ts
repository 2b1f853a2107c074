import type { RouteTable } from "@podium/shared";
import { Binding, noReplica } from "../batching/binding.ts";
import type { Call } from "../batching/call.ts";
import { Hold } from "../batching/hold.ts";
import type { Clock } from "../clock.ts";
import type { UsageCounter } from "../usage/usage-counter.ts";
import { chooseBinding, type Random } from "./choose-binding.ts";
import { Endpoint, type EndpointRow } from "./endpoint.ts";

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

  constructor(
    private readonly clock: Clock,
    private readonly usage: UsageCounter,
    private readonly random: Random,
  ) {}

  endpoint(name: string): Endpoint | undefined {
    return this.#byName.get(name);
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

  choose(endpoint: Endpoint): Binding | null {
    return chooseBinding(endpoint.bindings, this.random);
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
    for (const row of table.endpoints) {
      const endpoint = before.endpoints.get(row.id) ?? new Endpoint(row.id, this.usage.of(row.id));
      endpoint.configure(
        row,
        row.bindings.map((binding) => this.#keepBinding(binding, row.id, before.bindings)),
      );
      this.#byId.set(row.id, endpoint);
      this.#byName.set(row.name, endpoint);
    }
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
