import type { GatewayLoad, HeldProgress, Id } from "@podium/shared";
import type { Binding } from "../batching/binding.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Replica } from "../replicas/replica.ts";
import type { Routes } from "./routes.ts";

/** While there is load, or the replicas change. */
const BUSY_EVERY_MS = 1_000;
/** While nothing happens: the hub must know that nothing does, and that this gateway still says so. */
const QUIET_EVERY_MS = 5_000;
/** Many calls that are held one after another make one report. */
const APART_MS = 100;

interface Sums {
  queued: number;
  inFlight: number;
}

interface LoadReporterOptions {
  hub: { reportLoad(body: GatewayLoad, signal?: AbortSignal): Promise<HeldProgress> };
  gatewayId: Id<"gateway">;
  routes: Routes;
  replicas: ReadonlySet<Replica>;
  clock: Clock;
  log: Log;
}

/**
 * Tells the hub how much waits and runs here, by which it starts and stops replicas: every second while there is any
 * load, at once when a call finds no replica. The answer says what held calls wait for.
 */
export class LoadReporter {
  readonly #stopped = new AbortController();
  readonly #sums = new Map<Binding, Sums>();
  #samples = 0;
  #ring: () => void = () => {};
  #woken = false;
  #lastSaid = "";
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: LoadReporterOptions) {}

  /** Looks at the queues once; a report is the average of such looks. */
  sample() {
    this.#samples += 1;
    const { routes, replicas } = this.options;
    for (const binding of routes.bindings())
      if (binding.waiting.size > 0) this.#sumsOf(binding).queued += binding.waiting.size;
    for (const { binding, inFlight } of replicas)
      if (inFlight > 0) this.#sumsOf(binding).inFlight += inFlight;
  }

  /** A call is held: the hub must hear of it now. */
  wake() {
    this.#woken = true;
    this.#ring();
  }

  /** Reports until `stop`. */
  async run() {
    const { signal } = this.#stopped;
    signal.addEventListener("abort", () => this.#ring());
    while (!signal.aborted) {
      await this.#pause();
      if (!signal.aborted) await this.#report();
    }
  }

  stop() {
    this.#stopped.abort();
  }

  async #pause() {
    if (!this.#woken) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#ring = resolve;
      const timer = setTimeout(resolve, BUSY_EVERY_MS);
      await promise;
      clearTimeout(timer);
    }
    if (this.#woken) await Bun.sleep(APART_MS);
    this.#woken = false;
  }

  async #report() {
    const { hub, clock, log } = this.options;
    const body = this.#take();
    const said = JSON.stringify({ ...body, bindings: body.bindings.map(({ binding_id }) => binding_id) });
    const now = clock.elapsedMs();
    if (body.bindings.length === 0 && said === this.#lastSaid && now - this.#lastAt < QUIET_EVERY_MS) return;
    try {
      this.#learn(await hub.reportLoad(body, this.#stopped.signal));
      this.#lastSaid = said;
      this.#lastAt = now;
    } catch (error) {
      // The follower already tells people that the hub is away; the next report says it all again.
      log.debug({ err: error }, "The load was not reported.");
    }
  }

  /** What was seen since the last report. What is held now counts even when no look has met it. */
  #take(): GatewayLoad {
    const { gatewayId, routes, replicas } = this.options;
    const samples = Math.max(1, this.#samples);
    const bindings: GatewayLoad["bindings"] = [];
    for (const binding of routes.bindings()) {
      const held = binding.replicas.size === 0 && binding.waiting.size > 0;
      const sums = this.#sums.get(binding);
      if (!held && !sums) continue;
      const queued = Math.max((sums?.queued ?? 0) / samples, held ? binding.waiting.size : 0);
      const in_flight = (sums?.inFlight ?? 0) / samples;
      bindings.push({ binding_id: binding.id as Id<"binding">, queued, in_flight, held });
    }
    this.#sums.clear();
    this.#samples = 0;
    const connected = [...replicas].flatMap(({ attemptId, inFlight }) =>
      attemptId === null ? [] : [{ attempt_id: attemptId as Id<"attempt">, in_flight: inFlight }],
    );
    return { gateway_id: gatewayId, version: routes.version ?? -1, bindings, replicas: connected };
  }

  #learn({ held }: HeldProgress) {
    const byId = new Map(held.map((entry) => [entry.binding_id as string, entry]));
    for (const { id, hold } of this.options.routes.bindings()) {
      if (!hold) continue;
      const entry = byId.get(id);
      hold.step = entry?.step ?? "waking";
      hold.detail = entry?.detail ?? null;
    }
  }

  #sumsOf(binding: Binding): Sums {
    let sums = this.#sums.get(binding);
    if (!sums) {
      sums = { queued: 0, inFlight: 0 };
      this.#sums.set(binding, sums);
    }
    return sums;
  }
}
