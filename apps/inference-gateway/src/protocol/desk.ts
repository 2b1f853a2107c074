import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Watch } from "../observing/watch.ts";
import type { Routes } from "../routing/routes.ts";

/** What answering needs from the rest of the gateway. */
export interface Desk {
  readonly routes: Routes;
  readonly clock: Clock;
  readonly log: Log;
  /** true once the gateway stops: nothing new is taken */
  stopping: boolean;
  /** calls admitted and not yet answered */
  open: number;
  /** lets the connection of this request stay silent for as long as its answer takes */
  keepOpen(request: Request): void;
  /** counts, logs and traces what is answered */
  readonly watch: Watch;
}
