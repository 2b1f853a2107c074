import type { Clock } from "./clock.ts";
import type { Env } from "./env.ts";
import type { Routes } from "./routing/routes.ts";

/**
 * Whether callers should be sent here. A gateway that has just started knows its routes at once, but replicas dial it
 * seconds later: until they have, calls are better off at its neighbour. What never dials is not waited for for long.
 */
export class Readiness {
  #wasReady = false;
  readonly #startedAt: number;

  constructor(
    private readonly env: Pick<Env, "PODIUM_GATEWAY_WARM_MS">,
    private readonly clock: Clock,
    private readonly routes: Routes,
    /** true once the hub has heard of this gateway */
    private readonly isKnown: () => boolean,
  ) {
    this.#startedAt = clock.elapsedMs();
  }

  /** Once ready, a gateway stays so: a version that loses its replicas later is no reason to send all calls elsewhere. */
  get isReady(): boolean {
    this.#wasReady ||= (this.routes.version !== null || this.isKnown()) && this.#hasWarmedUp;
    return this.#wasReady;
  }

  get #hasWarmedUp(): boolean {
    const waitedMs = this.clock.elapsedMs() - this.#startedAt;
    return (
      waitedMs >= this.env.PODIUM_GATEWAY_WARM_MS || (this.routes.version !== null && this.routes.isManned)
    );
  }
}
